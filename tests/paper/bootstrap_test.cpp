#include <gtest/gtest.h>

#include <cstdint>

#include "node/raft/lobby.hpp"
#include "tests/paper/bootstrap_world.hpp"
#include "tests/unit/sanitized.hpp"

// How a cluster comes to be, and that there are never two by mistake.

namespace raftkv::paper {
namespace {

using raft::Waits;

constexpr std::uint64_t runs(std::uint64_t all) {
    return is_sanitized ? all / 4 : all;
}

TEST(Bootstrap, AllEmptyServersMakeOneCluster) {
    BootstrapWorld world({.seed = 1, .servers = 3});
    world.heal_for(1000);
    ASSERT_EQ(world.trouble(), "");
    EXPECT_TRUE(world.leader().has_value()) << "within a second";
    EXPECT_EQ(world.clusters().size(), 1u);
    for (std::uint32_t id = 0; id < 3; ++id)
        EXPECT_EQ(world.claim(id).cluster, *world.clusters().begin());
}

// The original's flow: a majority is enough, and the others come later.
TEST(Bootstrap, AMajorityOfThemDoesAndTheOthersAreBroughtUpToDateLater) {
    BootstrapWorld world({.seed = 2, .servers = 5});
    world.keep_down(3);
    world.keep_down(4);
    world.heal_for(3000);
    ASSERT_EQ(world.trouble(), "");
    ASSERT_EQ(world.clusters().size(), 1u);
    world.let_up(3);
    world.heal_for(3000);
    ASSERT_EQ(world.trouble(), "");
    EXPECT_EQ(world.clusters().size(), 1u);
    EXPECT_EQ(world.claim(3).cluster, *world.clusters().begin());
    EXPECT_TRUE(world.has_all_that_was_acknowledged(*world.leader()));
    EXPECT_GT(world.commit(3), LogIndex(0));
}

TEST(Bootstrap, AMinorityOfThemDoesNot) {
    BootstrapWorld world({.seed = 3, .servers = 5});
    for (const std::uint32_t id : {2u, 3u, 4u}) world.keep_down(id);
    world.heal_for(5000);
    EXPECT_EQ(world.trouble(), "");
    EXPECT_TRUE(world.clusters().empty());
}

// Two of three lose their disks, and start before the third.
TEST(Bootstrap, WipedServersWaitWhereAClusterIsRecorded) {
    BootstrapWorld world({.seed = 4, .servers = 3});
    world.heal_for(3000);
    ASSERT_EQ(world.clusters().size(), 1u);
    world.crash(2);
    world.keep_down(2);
    world.wipe(0, true);
    world.wipe(1, true);
    world.heal_for(5000);
    EXPECT_EQ(world.clusters().size(), 1u);
    EXPECT_EQ(world.verdict(0).waits, Waits::recorded);
    world.let_up(2);
    world.heal_for(3000);
    EXPECT_EQ(world.clusters().size(), 1u);
    EXPECT_EQ(world.verdict(0).waits, Waits::disk_is_empty);
    EXPECT_EQ(world.trouble(), "");
}

// And where nothing is recorded, but a member is there.
TEST(Bootstrap, WipedServersWaitWhereAMemberOfTheClusterIsMet) {
    BootstrapWorld world({.seed = 5, .servers = 3});
    world.heal_for(3000);
    ASSERT_EQ(world.clusters().size(), 1u);
    world.wipe(0, false);
    world.wipe(1, false);
    world.heal_for(5000);
    EXPECT_EQ(world.clusters().size(), 1u);
    EXPECT_EQ(world.verdict(0).waits, Waits::disk_is_empty);
    world.crash(2);  // it is known from now on
    world.keep_down(2);
    world.crash(0);
    world.crash(1);
    world.heal_for(5000);
    EXPECT_EQ(world.clusters().size(), 1u);
    EXPECT_EQ(world.trouble(), "");
}

// With nothing to tell them there are two clusters: their entries have equal indexes and terms, and
// never mix.
TEST(Bootstrap, TwoClustersStayTwo) {
    BootstrapWorld world({.seed = 6, .servers = 3});
    world.heal_for(3000);
    world.crash(2);
    world.keep_down(2);
    world.wipe(0, false);
    world.wipe(1, false);
    world.heal_for(5000);
    ASSERT_EQ(world.clusters().size(), 2u);
    world.let_up(2);
    world.heal_for(5000);
    EXPECT_EQ(world.trouble(), "");
    EXPECT_NE(world.claim(2).cluster, world.claim(0).cluster);
}

TEST(Bootstrap, IsFinishedWhateverCrashesInTheMidstOfIt) {
    for (std::uint64_t seed = 1; seed <= runs(25); ++seed) {
        BootstrapWorld world({.seed = seed, .servers = static_cast<std::uint32_t>(1 + seed % 5)});
        world.live(static_cast<std::int64_t>(200 + seed % 7 * 200));
        world.heal_for(6000);
        ASSERT_EQ(world.trouble(), "") << "seed " << seed;
        ASSERT_EQ(world.clusters().size(), 1u) << "seed " << seed;
        const auto leader = world.leader();
        ASSERT_TRUE(leader.has_value()) << "seed " << seed;
        for (std::uint32_t id = 0; id < 1 + seed % 5; ++id)
            ASSERT_EQ(world.claim(id).cluster, *world.clusters().begin()) << "seed " << seed;
        ASSERT_TRUE(world.has_all_that_was_acknowledged(*leader)) << "seed " << seed;
    }
}

// Disks are lost, all of them at worst; the record stays.
TEST(Bootstrap, IsDoneOnceWhateverDisksAreLost) {
    for (std::uint64_t seed = 1; seed <= runs(40); ++seed) {
        BootstrapWorld world(
            {.seed = seed, .servers = static_cast<std::uint32_t>(2 + seed % 4), .wipes = true});
        world.live(5000);
        world.heal_for(1000);
        ASSERT_EQ(world.trouble(), "") << "seed " << seed;
        ASSERT_LE(world.clusters().size(), 1u) << "seed " << seed;
    }
}

TEST(Bootstrap, EntriesOfTwoClustersNeverMix) {
    std::size_t several = 0;
    for (std::uint64_t seed = 1; seed <= runs(40); ++seed) {
        BootstrapWorld world({.seed = seed,
                              .servers = static_cast<std::uint32_t>(2 + seed % 4),
                              .wipes = true,
                              .loses_records = true});
        world.live(8000);
        world.heal_for(1000);
        ASSERT_EQ(world.trouble(), "") << "seed " << seed;
        if (world.clusters().size() > 1) ++several;
    }
    EXPECT_GT(several, runs(40) / 4) << "otherwise nothing was tried";
}

}  // namespace
}  // namespace raftkv::paper
