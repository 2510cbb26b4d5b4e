#include "cli/bench/load/pace.hpp"

#include <gtest/gtest.h>

namespace raftkv::bench {
namespace {

TEST(Pace, WithoutARateBeginsWhenItIsSent) {
    Pace pace(1'000, 0);
    EXPECT_FALSE(pace.is_open_loop());
    EXPECT_TRUE(pace.is_due(0));
    EXPECT_EQ(pace.take(5'000), 5'000);
    EXPECT_EQ(pace.take(5'001), 5'001);
    EXPECT_EQ(pace.missed(1'000'000), 0u);
    EXPECT_EQ(pace.taken(), 2u);
}

TEST(Pace, WithARateEachHasItsTimeWhateverBecameOfThoseBefore) {
    Pace pace(1'000, 1e6);  // one a microsecond
    EXPECT_FALSE(pace.is_due(999));
    EXPECT_TRUE(pace.is_due(1'000));
    // A second late; and still each is charged from its own time.
    const std::int64_t late = 1'000'000'000;
    EXPECT_EQ(pace.take(late), 1'000);
    EXPECT_EQ(pace.take(late), 2'000);
    EXPECT_EQ(pace.take(late), 3'000);
    EXPECT_EQ(pace.next_ns(), 4'000);
}

TEST(Pace, DoesNotDrift) {
    Pace pace(0, 3);  // a third of a second is no whole number of nanoseconds
    for (int i = 0; i < 3'000'000; ++i) pace.take(0);
    EXPECT_EQ(pace.next_ns(), 1'000'000'000'000'000);
}

TEST(Pace, CountsWhatShouldHaveBegunByThen) {
    for (double rate : {3.0, 1'000.0, 77'777.0}) {
        Pace pace(0, rate), twin(0, rate);
        for (int i = 0; i < 10; ++i) pace.take(0);
        const std::int64_t until_ns = 10'000'000'000;
        std::uint64_t naive = 0;
        while (twin.next_ns() < until_ns) {
            twin.take(0);
            ++naive;
        }
        EXPECT_EQ(pace.missed(until_ns), naive - 10) << rate;
        EXPECT_EQ(twin.missed(until_ns), 0u) << rate;
    }
}

}  // namespace
}  // namespace raftkv::bench
