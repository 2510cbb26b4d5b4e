#pragma once

#include <memory>
#include <string>

#include "common/descriptor.hpp"
#include "common/result.hpp"
#include "node/storage/disk.hpp"

namespace raftkv::storage {

// What was being done to which path failed, as `errno_value` says.
Error posix_error(const std::string& doing, const std::string& path, int errno_value);

// `path` is for messages.
std::unique_ptr<File> make_posix_file(Descriptor descriptor, std::string path);

// Makes what is cached of the file durable and forgets it, so that the next read asks the device.
// After a failed sync the kernel may hold pages that it believes to be written and that are not;
// a process that starts after that failure would read them and trust them.
Result<void> forget_cache(const Descriptor& descriptor, const std::string& path);

}  // namespace raftkv::storage
