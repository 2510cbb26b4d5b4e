#include "node/raft/quorum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace raftkv::raft {
namespace {

// The definition, word by word: the largest number that at least a majority has reached.
std::uint64_t naive(const std::vector<std::uint64_t>& reached) {
    std::uint64_t best = 0;
    for (const std::uint64_t candidate : reached) {
        const auto count = std::count_if(reached.begin(), reached.end(),
                                         [&](std::uint64_t r) { return r >= candidate; });
        if (static_cast<std::size_t>(count) * 2 > reached.size()) best = std::max(best, candidate);
    }
    return best;
}

TEST(Quorum, AMajorityIsMoreThanHalf) {
    EXPECT_EQ(majority(1), 1u);
    EXPECT_EQ(majority(2), 2u);
    EXPECT_EQ(majority(3), 2u);
    EXPECT_EQ(majority(4), 3u);
    EXPECT_EQ(majority(5), 3u);
}

TEST(Quorum, AgreesWithTheDefinitionOnEveryCombination) {
    for (std::size_t servers = 0; servers <= 6; ++servers) {
        std::vector<std::uint64_t> reached(servers, 0);
        while (true) {
            ASSERT_EQ(majority_reached(reached), naive(reached));
            std::size_t digit = 0;
            while (digit < servers && ++reached[digit] == 5) reached[digit++] = 0;
            if (digit == servers) break;
        }
    }
}

}  // namespace
}  // namespace raftkv::raft
