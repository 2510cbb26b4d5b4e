#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/cluster/dump/load_items.hpp"
#include "common/config.hpp"
#include "common/result.hpp"

namespace raftkv::cli::dump {

// What becomes of keys that are there already.
enum class Existing { refuse, skip, overwrite };

struct LoadOptions {
    Existing existing = Existing::refuse;
    std::size_t connections = 4;
    std::chrono::milliseconds patience{10'000};
    int cancel_fd = -1;
};

struct LoadReport {
    LoadCounts counts;
    std::uint64_t items = 0;  // in the file
};

// Loads a dump into a running cluster. Nothing is set before every line was read and understood,
// and, to refuse, every key looked up. `report` says what was done also when an error is returned.
Result<void> load_all(const ClusterConfig& config, const std::string& file,
                      const LoadOptions& options, LoadReport& report);

}  // namespace raftkv::cli::dump
