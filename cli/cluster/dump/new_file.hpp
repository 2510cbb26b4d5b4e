#pragma once

#include <filesystem>
#include <string_view>

#include "common/result.hpp"

namespace raftkv::cli::dump {

// A file that has its name only when all of it is durable: until then it is called <name>.part,
// and goes with this object.
class NewFile {
  public:
    // A file of that name is replaced at the end when `replace`, and a reason to refuse otherwise.
    static Result<NewFile> create(const std::filesystem::path& name, bool replace);
    NewFile(NewFile&& other) noexcept;
    NewFile& operator=(NewFile&&) = delete;
    ~NewFile();

    // What it is called until then.
    const std::filesystem::path& part() const { return part_; }
    Result<void> write(std::string_view bytes);
    // Last call.
    Result<void> finish();

  private:
    NewFile(std::filesystem::path name, std::filesystem::path part, int fd, bool replace);
    Error failed(const char* doing) const;

    std::filesystem::path name_;
    std::filesystem::path part_;
    int fd_;  // -1: finished, or moved from
    bool replace_;
};

}  // namespace raftkv::cli::dump
