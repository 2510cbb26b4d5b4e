#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace raftkv::standin {

// Tells which nodes' processes exist, from one moment to the next: each holds a lock on a file of
// its own, and the kernel takes it away when the process ends. A paused one still counts.
class LifeSigns {
  public:
    LifeSigns(const std::filesystem::path& folder, std::uint32_t self, std::uint32_t nodes);
    ~LifeSigns();
    LifeSigns(const LifeSigns&) = delete;
    LifeSigns& operator=(const LifeSigns&) = delete;

    // How many live, this one included.
    std::uint32_t count() const;

  private:
    std::uint32_t self_;
    std::vector<int> files_;  // one a node
};

}  // namespace raftkv::standin
