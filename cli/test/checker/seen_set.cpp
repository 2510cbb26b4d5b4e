#include "cli/test/checker/seen_set.hpp"

#include <algorithm>
#include <utility>

namespace raftkv::test {
namespace {

constexpr std::size_t smallest = 64;

// The finisher of splitmix64.
std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

}  // namespace

Mark mark_of(std::uint64_t first, std::uint64_t second) {
    const std::uint64_t high = mix(mix(first + 0x9e3779b97f4a7c15) + second);
    const std::uint64_t low = mix(mix(second + 0xd1b54a32d192ed03) ^ mix(first));
    return {high, low};
}

SeenSet::Added SeenSet::add(Mark mark) {
    if (mark == Mark{}) mark.low = 1;
    if (count_ * 4 >= slots_.size() * 3 && !grow()) return Added::no_memory;
    Mark& slot = slot_for(mark);
    if (slot == mark) return Added::was_there;
    slot = mark;
    ++count_;
    return Added::is_new;
}

bool SeenSet::grow() {
    const std::size_t size = std::max(smallest, slots_.size() * 2);
    if (!memory_.take(size * sizeof(Mark))) return false;
    std::vector<Mark> before = std::exchange(slots_, std::vector<Mark>(size));
    for (const Mark& mark : before) {
        if (!(mark == Mark{})) slot_for(mark) = mark;
    }
    memory_.free(before);
    return true;
}

// The slot that holds the mark, or else the free one where it belongs.
Mark& SeenSet::slot_for(Mark mark) {
    std::size_t place = mark.low & (slots_.size() - 1);
    while (!(slots_[place] == mark) && !(slots_[place] == Mark{})) {
        place = (place + 1) & (slots_.size() - 1);
    }
    return slots_[place];
}

}  // namespace raftkv::test
