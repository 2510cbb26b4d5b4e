#include "node/raft/quorum.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "common/check.hpp"

namespace raftkv::raft {

std::uint64_t majority_reached(std::span<const std::uint64_t> reached) {
    if (reached.empty()) return 0;
    std::array<std::uint64_t, 64> sorted;
    RAFTKV_CHECK(reached.size() <= sorted.size());
    const auto end = std::copy(reached.begin(), reached.end(), sorted.begin());
    const std::size_t position = majority(reached.size()) - 1;
    std::nth_element(sorted.begin(), sorted.begin() + position, end, std::greater<>());
    return sorted[position];
}

}  // namespace raftkv::raft
