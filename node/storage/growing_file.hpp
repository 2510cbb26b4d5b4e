#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "node/storage/disk.hpp"

namespace raftkv::storage {

// A new file that grows at its end under a temporary name, and gets its final one when it is
// complete; without that, nothing of it stays. Written in pieces of a MiB and synced every few, so
// that a sync of the log beside it never waits for one large flush.
//
// After an error nothing of the file is left (if the disk allows even that), and it takes nothing
// more. no_space is no reason for a node to end; io is.
class GrowingFile {
  public:
    // Replaces a leftover of that name.
    static Result<std::unique_ptr<GrowingFile>> create(Disk& disk, std::string temporary_name);
    GrowingFile(const GrowingFile&) = delete;
    GrowingFile& operator=(const GrowingFile&) = delete;
    ~GrowingFile();

    Result<void> append(std::string_view bytes);
    // Everything appended is durable, under the temporary name.
    Result<void> sync();
    // Gives the synced file its final name, durably. It may replace another.
    Result<void> place(const std::string& final_name);
    void abandon();

    std::uint64_t size() const { return written_ + buffer_.size(); }
    const std::string& name() const { return name_; }

  private:
    GrowingFile(Disk& disk, std::string name, std::unique_ptr<File> file);
    Result<void> flush();
    // Passes the result on, and gives up when it is an error.
    Result<void> checked(Result<void> result);

    Disk& disk_;
    std::string name_;
    std::unique_ptr<File> file_;  // none when it was placed or abandoned
    std::string buffer_;
    std::uint64_t written_ = 0;
    std::uint64_t synced_ = 0;
};

}  // namespace raftkv::storage
