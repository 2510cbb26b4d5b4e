#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/protocol/reply.hpp"

namespace raftkv::server {

// The requests of one connection that are not answered yet. Replies may be found in any order and
// leave in the order of the requests: one that is early is kept as the bytes it will be.
class ReplyQueue {
  public:
    // Takes in the next request, of `bytes` bytes, and numbers it: 0, 1, 2...
    std::uint64_t push(std::size_t bytes, bool reads = false);
    // Of an unanswered request: whether it is a read.
    bool reads(std::uint64_t number) const { return slots_[number & (slots_.size() - 1)].reads; }
    // The reply to an unanswered request. Appends to `out` what may leave now.
    void complete(std::uint64_t number, const protocol::Reply& reply, std::string& out);

    std::size_t size() const { return static_cast<std::size_t>(next_ - first_); }
    std::size_t bytes() const { return bytes_; }
    // Early replies that wait for others.
    std::size_t parked_bytes() const { return parked_bytes_; }

  private:
    struct Slot {
        std::string parked;
        std::size_t bytes = 0;
        bool done = false;
        bool reads = false;
    };

    Slot& slot(std::uint64_t number) { return slots_[number & (slots_.size() - 1)]; }
    void grow();
    void pop();

    std::vector<Slot> slots_;  // a ring, its size a power of two; holds [first_, next_)
    std::uint64_t first_ = 0;  // the oldest unanswered
    std::uint64_t next_ = 0;
    std::size_t bytes_ = 0;
    std::size_t parked_bytes_ = 0;
};

}  // namespace raftkv::server
