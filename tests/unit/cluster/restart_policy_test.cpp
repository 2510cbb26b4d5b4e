#include "cli/cluster/restart_policy.hpp"

#include <gtest/gtest.h>

namespace raftkv::cli {
namespace {

constexpr double no_jitter = 0.5;  // the wait as it is, without jitter

MonotonicMs time_of(std::int64_t ms) {
    return MonotonicMs(ms);
}

std::int64_t wait_after_death(RestartPolicy& policy, std::int64_t start_ms, std::int64_t death_ms,
                              double chance = no_jitter) {
    policy.started(time_of(start_ms));
    RestartDecision decision = policy.died(time_of(death_ms), chance);
    EXPECT_FALSE(decision.give_up);
    return decision.restart_at - time_of(death_ms);
}

TEST(RestartPolicy, WaitsTwiceAsLongAfterEachDeath) {
    RestartPolicy policy;
    EXPECT_EQ(wait_after_death(policy, 0, 10), 100);
    EXPECT_EQ(wait_after_death(policy, 110, 120), 200);
    EXPECT_EQ(wait_after_death(policy, 320, 330), 400);
    EXPECT_EQ(wait_after_death(policy, 730, 740), 800);
}

TEST(RestartPolicy, NeverWaitsLongerThanTenSeconds) {
    RestartPolicy policy;
    std::int64_t now = 0;
    std::int64_t wait = 0;
    // 20 s of life each: too short for health, too long for a crash loop.
    for (int death = 0; death < 100; ++death) {
        wait = wait_after_death(policy, now, now + 20'000, 0.999);
        now += 20'000 + wait;
        ASSERT_LE(wait, 10'000);
    }
    EXPECT_EQ(wait, 10'000);
}

TEST(RestartPolicy, JitterSpreadsAndStaysWithinTheLimits) {
    RestartPolicy early;
    RestartPolicy late;
    wait_after_death(early, 0, 0);
    wait_after_death(late, 0, 0);
    EXPECT_EQ(wait_after_death(early, 100, 200, 0.0), 100);
    EXPECT_EQ(wait_after_death(late, 100, 200, 0.99), 298);
    RestartPolicy first;
    EXPECT_EQ(wait_after_death(first, 0, 0, 0.0), 100) << "not under the shortest wait";
}

TEST(RestartPolicy, GivesUpAtTheFifthDeathWithinAMinute) {
    RestartPolicy policy;
    for (int death = 0; death < 4; ++death) {
        policy.started(time_of(death * 10'000));
        EXPECT_FALSE(policy.died(time_of(death * 10'000 + 5'000), no_jitter).give_up);
    }
    policy.started(time_of(40'000));
    EXPECT_TRUE(policy.died(time_of(45'000), no_jitter).give_up);
}

TEST(RestartPolicy, DeathsMoreThanAMinuteAgoDoNotCount) {
    RestartPolicy policy;
    for (int death = 0; death < 20; ++death) {
        // Four within each minute, for ever.
        policy.started(time_of(death * 20'000));
        EXPECT_FALSE(policy.died(time_of(death * 20'000 + 15'000), no_jitter).give_up) << death;
    }
}

// A node that starts well and dies three seconds later, again and again, is a crash loop: the brief
// successes must not hide it.
TEST(RestartPolicy, ABriefSuccessDoesNotResetIt) {
    RestartPolicy policy;
    std::int64_t now = 0;
    int starts = 0;
    for (bool given_up = false; !given_up && starts < 100;) {
        ++starts;
        policy.started(time_of(now));
        now += 3'000;
        RestartDecision decision = policy.died(time_of(now), no_jitter);
        given_up = decision.give_up;
        if (!given_up) now = decision.restart_at.value();
    }
    EXPECT_EQ(starts, 5);
}

TEST(RestartPolicy, AMinuteOfHealthForgivesEverything) {
    RestartPolicy policy;
    for (int death = 0; death < 4; ++death) wait_after_death(policy, death, death);
    EXPECT_EQ(wait_after_death(policy, 10, 60'010), 100) << "the backoff starts again";
    RestartPolicy nearly;
    for (int death = 0; death < 4; ++death) wait_after_death(nearly, death, death);
    nearly.started(time_of(10));
    EXPECT_EQ(nearly.died(time_of(60'002), no_jitter).restart_at - time_of(60'002), 1'600)
        << "59.992 s are no minute";
}

TEST(RestartPolicy, AskingForAStartForgives) {
    RestartPolicy policy;
    for (int death = 0; death < 4; ++death) wait_after_death(policy, death, death);
    policy.forgive();
    EXPECT_EQ(wait_after_death(policy, 10, 10), 100);
}

}  // namespace
}  // namespace raftkv::cli
