#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/bench/load/load.hpp"

namespace raftkv::bench {

// One operation, from the choice to its answer.
struct Operation {
    std::int64_t began_ns = 0;  // meant to, with a rate
    std::uint64_t key = 0;
    std::uint64_t version = 0;  // that a cas expects
    Verb verb = Verb::set;
    bool counts = false;
};

// Chooses what is done next, and knows what the writes so far have made of the keys.
class Operations {
  public:
    Operations(Op op, KeySpace& space, std::size_t value_bytes);

    // Verb, key and version of the next one.
    Operation choose();
    void append(const Dialect& dialect, const Operation& operation, std::string& out);
    // The answer to a write, or what is known of a version.
    void note(const Operation& operation, const Answer& answer);
    // Valid until the next call.
    std::string_view text_of(std::uint64_t key);

  private:
    Op op_;
    KeySpace& space_;
    KeyPicker picker_;
    Random random_{1};
    std::string value_;
    std::array<char, KeySpace::key_bytes> text_{};
};

}  // namespace raftkv::bench
