#include "cli/test/chaos/role_log.hpp"

#include <gtest/gtest.h>

namespace raftkv::chaos {
namespace {

using std::chrono::milliseconds;

const Instant epoch = Instant() + std::chrono::hours(1);

Instant at(int ms) {
    return epoch + milliseconds(ms);
}

std::optional<cli::NodeStatus> says(cli::NodeRole role, std::uint64_t term) {
    cli::NodeStatus status;
    status.role = role;
    status.term = Term(term);
    return status;
}

TEST(RoleLog, JoinsWhatStaysTheSame) {
    RoleLog log;
    log.note(NodeId(1), says(cli::NodeRole::follower, 1), at(0));
    log.note(NodeId(1), says(cli::NodeRole::follower, 1), at(10));
    log.note(NodeId(1), says(cli::NodeRole::leader, 2), at(20));
    log.note(NodeId(1), std::nullopt, at(30));
    const auto spans = log.spans().at(NodeId(1));
    ASSERT_EQ(spans.size(), 3u);
    EXPECT_EQ(spans[0].to, at(20));
    EXPECT_EQ(spans[1].role, cli::NodeRole::leader);
    EXPECT_EQ(spans[1].term, Term(2));
    EXPECT_EQ(spans[1].to, at(30));
    EXPECT_EQ(spans[2].role, std::nullopt);
}

TEST(RoleLog, KnowsTheLeaderOfTheNewestTerm) {
    RoleLog log;
    EXPECT_EQ(log.leader(), std::nullopt);
    log.note(NodeId(0), says(cli::NodeRole::leader, 3), at(0));
    log.note(NodeId(1), says(cli::NodeRole::leader, 4), at(0));
    log.note(NodeId(2), says(cli::NodeRole::candidate, 5), at(0));
    EXPECT_EQ(log.leader(), NodeId(1));
    log.note(NodeId(1), std::nullopt, at(1));
    EXPECT_EQ(log.leader(), NodeId(0));
}

TEST(RoleLog, KnowsWhoAnswered) {
    RoleLog log;
    EXPECT_FALSE(log.answers(NodeId(0)));
    log.note(NodeId(0), says(cli::NodeRole::follower, 1), at(0));
    EXPECT_TRUE(log.answers(NodeId(0)));
    log.note(NodeId(0), std::nullopt, at(1));
    EXPECT_FALSE(log.answers(NodeId(0)));
}

}  // namespace
}  // namespace raftkv::chaos
