#pragma once

#include <cstdint>
#include <string>

#include "common/result.hpp"

// Looks at the folder of a node that does not run. Nothing in it is changed.

namespace raftkv::cli {

// Prints what is in the folder, and what is wrong with it. The error is the one that keeps a node
// from starting there.
Result<void> verify_folder(const std::string& folder, bool json);

// The same of the file of a snapshot, which is what a backup is, too.
Result<void> verify_snapshot_file(const std::string& file, bool json);

struct InspectArguments {
    std::string folder;
    std::uint64_t from = 1;
    std::uint64_t to = ~std::uint64_t{0};
    bool json = false;
};

// Prints the entries of the log, one a line. The error tells of damage that was passed over.
Result<void> inspect_folder(const InspectArguments& arguments);

}  // namespace raftkv::cli
