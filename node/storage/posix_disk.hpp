#pragma once

#include <memory>
#include <string>

#include "common/result.hpp"
#include "node/storage/disk.hpp"

namespace raftkv::storage {

// A folder of the operating system. Creates it if needed and holds it (flock) until destroyed: a
// second process, or a second Disk, gets kind failed and is told who has it. A path that cannot be
// a folder of ours (not a folder, no permission, read-only) is kind usage.
Result<std::unique_ptr<Disk>> open_posix_disk(const std::string& folder);

// The same folder for a look at it: nothing is created or changed, and everything that would is an
// error. A node that has the folder keeps others from looking (kind failed), and a node cannot have
// it meanwhile; a folder without the file for that, a copy for instance, is not held.
Result<std::unique_ptr<Disk>> open_posix_disk_to_look(const std::string& folder);

}  // namespace raftkv::storage
