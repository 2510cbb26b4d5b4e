#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "common/result.hpp"

namespace raftkv::system_test {

// Networks and mounts that this process and its children alone see: the kernel takes them away
// with the last of these processes, however they end, so no network needs to be cleaned up.
class PrivateWorld {
  public:
    // A new one each time, and no way back. An Error that says what is missing: root, a tool, or
    // something of the kernel.
    static Result<void> enter();

    // A network namespace "node-<id>" at 10.77.0.<id + 1>, on one switch with the others and with
    // this process.
    static Result<void> add_node(std::uint32_t id);
    static std::string address(std::uint32_t id);

    // What the kernel of that node's machine drops of what arrives there from another node. In the
    // place of what it dropped before.
    static Result<void> drop_from(std::uint32_t id, const std::string& others);
    static Result<void> drop_nothing(std::uint32_t id);

    // A file system of its own, of so many bytes.
    static Result<void> mount_small(const std::filesystem::path& folder, std::uint64_t bytes);
    // So that the folder can be removed.
    static void unmount(const std::filesystem::path& folder);
};

}  // namespace raftkv::system_test
