#include "node/server/faults/faulty_clock.hpp"

#include <gtest/gtest.h>

#include "tests/unit/faults/hand_clock.hpp"

namespace raftkv::server {
namespace {

TEST(FaultyClock, is_right_until_it_is_told_not_to_be) {
    HandClock real;
    FaultyClock clock(real);
    real.now = real.now + 1234;
    EXPECT_EQ(clock.monotonic(), real.now);
    EXPECT_EQ(clock.wall(), real.wall());
}

TEST(FaultyClock, a_jump_moves_the_wall_clock_alone_and_is_taken_back) {
    HandClock real;
    FaultyClock clock(real);
    clock.set_jump(-3'600'000);
    EXPECT_EQ(clock.wall(), real.wall() - 3'600'000);
    EXPECT_EQ(clock.monotonic(), real.now);
    clock.set_jump(0);
    EXPECT_EQ(clock.wall(), real.wall());
}

TEST(FaultyClock, a_rate_holds_for_both_clocks_and_what_was_gained_stays) {
    HandClock real;
    FaultyClock clock(real);
    MonotonicMs begin = real.now;
    clock.set_rate(500);
    real.now = real.now + 10'000;
    EXPECT_EQ(clock.monotonic() - begin, 10'500);
    EXPECT_EQ(clock.wall(), real.wall() + 500);
    clock.set_rate(0);
    real.now = real.now + 1000;
    EXPECT_EQ(clock.monotonic() - begin, 11'500);
}

TEST(FaultyClock, never_goes_back_however_the_rate_changes) {
    HandClock real;
    FaultyClock clock(real);
    MonotonicMs last = clock.monotonic();
    for (int step = 0; step < 1000; ++step) {
        clock.set_rate(step % 3 == 0 ? -5000 : step % 3 == 1 ? 5000 : 0);
        real.now = real.now + step % 4;
        EXPECT_GE(clock.monotonic(), last);
        last = clock.monotonic();
    }
}

}  // namespace
}  // namespace raftkv::server
