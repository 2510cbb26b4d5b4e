#pragma once

#include <memory>

#include "node/server/faults/disk_faults.hpp"
#include "node/storage/disk.hpp"

namespace raftkv::server {

// `disk`, with what is wrong with it. Space that was reserved before a disk was full stays usable,
// as on a real device. `faults` outlives what is returned and all files opened with it.
std::unique_ptr<storage::Disk> make_faulty_disk(std::unique_ptr<storage::Disk> disk,
                                                DiskFaults& faults);

}  // namespace raftkv::server
