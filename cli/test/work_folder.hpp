#pragma once

#include <filesystem>

#include "common/result.hpp"

namespace raftkv::test {

// A new folder; removed with all its contents at the end of the
// object's life unless kept.
class WorkFolder {
  public:
    // In `parent`; without one, in the system's folder for what is temporary.
    static Result<WorkFolder> create(const std::filesystem::path& parent = {});

    WorkFolder(WorkFolder&& other) noexcept;
    WorkFolder& operator=(WorkFolder&&) = delete;
    ~WorkFolder();

    const std::filesystem::path& path() const { return path_; }
    void keep() { kept_ = true; }

  private:
    explicit WorkFolder(std::filesystem::path path) : path_(std::move(path)) {}

    std::filesystem::path path_;
    bool kept_ = false;
};

}  // namespace raftkv::test
