#pragma once

#include <cstddef>
#include <cstdint>

namespace raftkv::replica {

// What a turn may do of one kind, in bytes. Each thing is counted with what it takes beside its
// bytes, and the last one may be larger than what is left: so any turn gets on.
class TurnBudget {
  public:
    explicit TurnBudget(std::size_t bytes_a_turn)
        : a_turn_(static_cast<std::int64_t>(bytes_a_turn)) {}

    void begin_turn() { left_ = a_turn_; }
    void take(std::size_t bytes) { left_ -= static_cast<std::int64_t>(bytes + thing_bytes); }
    bool spent() const { return left_ <= 0; }

  private:
    // To find, apply or answer something takes about as long as to copy so much.
    static constexpr std::size_t thing_bytes = 512;

    const std::int64_t a_turn_;
    std::int64_t left_ = 0;
};

}  // namespace raftkv::replica
