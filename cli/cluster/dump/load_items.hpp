#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/cluster/dump/dump_item.hpp"
#include "cli/cluster/dump/pipeline.hpp"
#include "common/result.hpp"

namespace raftkv::cli::dump {

// What becomes of a key that is there already.
enum class IfThere { keep, overwrite };

struct LoadedItem {
    DumpItem item;
    std::uint64_t line = 0;  // of the file, for messages
};

struct LoadCounts {
    std::uint64_t set = 0;
    std::uint64_t overwritten = 0;
    std::uint64_t kept = 0;  // were there, and were left as they are
};

// Sets them all and gives back what came of it. An outcome that is not known is looked up: a key
// that is there with the value that was to be set counts as set. An Error says that some may be set
// and others not: of kind failed when a node refused one, unavailable, or interrupted.
Result<LoadCounts> load_items(Pipeline& pipeline, const std::vector<LoadedItem>& items,
                              IfThere if_there);

// How many of the keys are there.
Result<std::uint64_t> count_there(Pipeline& pipeline, const std::vector<LoadedItem>& items);

}  // namespace raftkv::cli::dump
