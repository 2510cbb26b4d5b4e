#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/client/connection.hpp"

namespace raftkv::system_test {

// A client that writes the same keys again and again, and knows what each must hold now. Nodes may
// die meanwhile: what nobody answered may have been done or not.
class Overwriter {
  public:
    Overwriter(const ClusterConfig& config, std::size_t keys, std::size_t value_bytes);

    // The next key in turn; true when it was acknowledged.
    bool write();
    // Until so many bytes of values were acknowledged; fails the test when that takes too long.
    void write_bytes(std::uint64_t bytes);
    // Reads all keys: each holds what was acknowledged last, or what was left in doubt since.
    void expect_nothing_lost();

    std::uint64_t acknowledged() const { return acknowledged_; }
    std::uint64_t live_bytes() const { return keys_.size() * value_bytes_; }

  private:
    struct Key {
        std::string name;
        std::optional<std::uint64_t> version = 0;  // 0: it is not there; nothing: not known
        std::vector<std::string> possible{};       // the values that it may have
    };

    // Looks what the key holds; false when nobody said.
    bool look(Key& key);

    cli::ClusterClient client_;
    const std::size_t value_bytes_;
    std::vector<Key> keys_;
    std::uint64_t turns_ = 0;
    std::uint64_t acknowledged_ = 0;
};

}  // namespace raftkv::system_test
