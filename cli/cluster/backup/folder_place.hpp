#pragma once

#include <filesystem>

#include "common/result.hpp"

// Where the folder of a node really is, and what may be done with it there: it may be a link to
// another disk, or a file system of its own.

namespace raftkv::cli::backup {

struct FolderPlace {
    std::filesystem::path folder;  // without links
    // Whether another folder can take its name. Not so of a mount point, nor where the folder above
    // can't be written to: then files are moved within it.
    bool can_be_renamed = true;
};

// Usage when nothing can be written there. Changes nothing.
Result<FolderPlace> place_of_folder(const std::filesystem::path& folder);

// The files of `replacement`, a folder within `folder`, take the place of those of `folder`, which
// are moved to `aside`, a folder within it that is not there yet. Durable. Files move one by one,
// and the one without which no node starts goes first and comes last. When one can't be moved, all
// are moved back.
Result<void> exchange_within(const std::filesystem::path& folder,
                             const std::filesystem::path& replacement,
                             const std::filesystem::path& aside);

// Removes a file, or a folder with all in it: also where a link leads, and the link. A mount point
// stays, empty.
Result<void> remove_all_of(const std::filesystem::path& path);

}  // namespace raftkv::cli::backup
