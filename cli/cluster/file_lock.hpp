#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "common/result.hpp"

namespace raftkv::cli {

// An flock on a file, created when missing. Held until this object goes, or the process ends,
// however it ends; programs started meanwhile do not inherit it.
class FileLock {
  public:
    // Nothing when another process holds it. Does not wait.
    static Result<std::optional<FileLock>> try_take(const std::filesystem::path& file);

    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&&) = delete;
    ~FileLock();

    // Replaces what the file says, for those who find it locked.
    Result<void> write(std::string_view text);

  private:
    FileLock(std::filesystem::path file, int descriptor)
        : file_(std::move(file)), descriptor_(descriptor) {}
    std::filesystem::path file_;
    int descriptor_;
};

// True when some process holds the lock; false when the file is not there.
bool is_locked(const std::filesystem::path& file);

}  // namespace raftkv::cli
