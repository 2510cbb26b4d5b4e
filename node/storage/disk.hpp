#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace raftkv::storage {

// The little of a file system that the log needs. One production form (PosixDisk) and as many
// others as tests like: ones that lose unsynced bytes, run full or fail.
//
// Errors are of kind io, or no_space when the device is full. After any io error of a write or a
// sync the contents are unknown and the process must end: a second try could be told a lie.

class File {
  public:
    virtual ~File() = default;
    // Writes all the pieces one after another, the first at `offset`.
    virtual Result<void> write_at(std::uint64_t offset,
                                  std::span<const std::string_view> pieces) = 0;
    // Everything written so far is durable when this returns (fdatasync).
    virtual Result<void> sync() = 0;
    // At most `size` bytes; fewer only at the end of the file.
    virtual Result<std::string> read_at(std::uint64_t offset, std::size_t size) = 0;
    virtual Result<std::uint64_t> size() = 0;
    // Room for `size` bytes in all is set aside, or the answer is no_space: cheaper than learning
    // it half way through writing them. True: the file has this size now, what was not written
    // reads as zeros, and writing it will find its room. False: this disk cannot promise that.
    virtual Result<bool> reserve(std::uint64_t size) = 0;
};

enum class OpenMode {
    // An existing file, to go on with. What is read from it is what the device holds: anything
    // that only the page cache had is either made durable here or no longer seen.
    read_write,
    create_new,  // fails when the name is taken
    read_only,   // an existing file
};

// One folder of files, no subfolders. Names hold no slash. Its functions may be called from several
// threads; a File belongs to one at a time.
class Disk {
  public:
    virtual ~Disk() = default;
    virtual Result<std::unique_ptr<File>> open(const std::string& name, OpenMode mode) = 0;
    virtual Result<std::vector<std::string>> list() = 0;  // sorted
    virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
    virtual Result<void> remove(const std::string& name) = 0;
    // Creations, renames and removals so far are durable when this returns.
    virtual Result<void> sync_folder() = 0;
    // For error messages: where this file is.
    virtual std::string path_of(const std::string& name) const = 0;
    // A number that nobody can foresee.
    virtual std::uint64_t random() = 0;
};

}  // namespace raftkv::storage
