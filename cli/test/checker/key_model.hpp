#pragma once

#include <cstdint>
#include <vector>

#include "cli/test/checker/key_part.hpp"
#include "cli/test/history/expiry.hpp"

namespace raftkv::test {

// What a key holds between two operations.
struct KeyState {
    std::uint32_t writer = nobody;  // the put whose value is there; nobody: the key is absent
    std::uint64_t version = 0;      // of that value; of the last one that was there, if absent
    ExpiryWindow expiry;            // of that value

    bool is_there() const { return writer != nobody; }
};

// What the store does with one key, one operation at a time.
class KeyModel {
  public:
    KeyModel(const std::vector<KeyOperation>& operations, const Limits& limits)
        : operations_(operations), limits_(limits) {}

    // Whether it writes or removes something, if it is done at all.
    static bool changes(const KeyOperation& it);
    // For one that changes nothing: whether its answer is right in this state.
    bool is_right(const KeyOperation& it, KeyState state) const;
    // For one that changes something: whether it can do so in this state.
    bool can_change(const KeyOperation& it, KeyState state) const;
    // What the key holds after that put, done by `deadline` at the latest and given `version`.
    KeyState after_put(std::uint32_t put, std::uint64_t version, Instant deadline) const;

  private:
    bool finds_value(const KeyOperation& it, KeyState state) const;
    bool shows(const Operation& read, KeyState state) const;

    const std::vector<KeyOperation>& operations_;
    const Limits& limits_;
};

}  // namespace raftkv::test
