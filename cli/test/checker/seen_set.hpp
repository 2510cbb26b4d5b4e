#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cli/test/checker/memory_account.hpp"

namespace raftkv::test {

// 128 bits that stand for a situation of the search. That two of billions share one has a chance
// of less than one in 10^18, and would hide an order, never a violation.
struct Mark {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    Mark operator^(const Mark& other) const { return {high ^ other.high, low ^ other.low}; }
    bool operator==(const Mark&) const = default;
};

// The mark of two numbers: unlike numbers give unlike marks.
Mark mark_of(std::uint64_t first, std::uint64_t second);

// Situations that were seen before. Open addressing, at most three quarters full.
class SeenSet {
  public:
    enum class Added { is_new, was_there, no_memory };

    explicit SeenSet(MemoryAccount& memory) : memory_(memory) {}
    SeenSet(const SeenSet&) = delete;
    SeenSet& operator=(const SeenSet&) = delete;
    ~SeenSet() { memory_.free(slots_); }

    Added add(Mark mark);

  private:
    bool grow();
    Mark& slot_for(Mark mark);

    MemoryAccount& memory_;
    std::vector<Mark> slots_;  // zero: free
    std::size_t count_ = 0;
};

}  // namespace raftkv::test
