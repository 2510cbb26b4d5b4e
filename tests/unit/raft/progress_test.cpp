#include "node/raft/progress.hpp"

#include <gtest/gtest.h>

namespace raftkv::raft {
namespace {

TEST(Progress, CountsWhatIsOnItsWayUntilItIsAcknowledged) {
    Progress progress;
    progress.start_replicating();
    progress.sent(LogIndex(3), 300);
    progress.sent(LogIndex(5), 200);
    EXPECT_EQ(progress.next_index, LogIndex(6));
    EXPECT_EQ(progress.inflight_bytes, 500u);
    EXPECT_TRUE(progress.acknowledged(LogIndex(4)));
    EXPECT_EQ(progress.inflight_bytes, 200u);
    EXPECT_EQ(progress.next_index, LogIndex(6));
    EXPECT_TRUE(progress.acknowledged(LogIndex(5)));
    EXPECT_TRUE(progress.inflight.empty());
}

TEST(Progress, AnOldAcknowledgementIsNoNews) {
    Progress progress;
    progress.start_replicating();
    progress.sent(LogIndex(3), 1);
    EXPECT_TRUE(progress.acknowledged(LogIndex(3)));
    EXPECT_FALSE(progress.acknowledged(LogIndex(2)));
    EXPECT_EQ(progress.match_index, LogIndex(3));
}

TEST(Progress, ProbingForgetsWhatWasOnItsWay) {
    Progress progress;
    progress.start_replicating();
    progress.sent(LogIndex(9), 9);
    progress.start_probing(LogIndex(4));
    EXPECT_EQ(progress.next_index, LogIndex(4));
    EXPECT_EQ(progress.inflight_bytes, 0u);
    EXPECT_FALSE(progress.probe_sent);
}

}  // namespace
}  // namespace raftkv::raft
