#include "cli/test/chaos/role_log.hpp"

#include <gtest/gtest.h>

namespace raftkv::chaos {
namespace {

using std::chrono::milliseconds;

const Instant beginning = Instant() + std::chrono::hours(1);

Instant ms_later(int ms) {
    return beginning + milliseconds(ms);
}

std::optional<cli::NodeStatus> says(cli::NodeRole role, std::uint64_t term) {
    cli::NodeStatus status;
    status.role = role;
    status.term = Term(term);
    return status;
}

TEST(RoleLog, JoinsWhatStaysTheSame) {
    RoleLog log;
    log.note(NodeId(1), says(cli::NodeRole::follower, 1), ms_later(0));
    log.note(NodeId(1), says(cli::NodeRole::follower, 1), ms_later(10));
    log.note(NodeId(1), says(cli::NodeRole::leader, 2), ms_later(20));
    log.note(NodeId(1), std::nullopt, ms_later(30));
    const auto spans = log.spans().at(NodeId(1));
    ASSERT_EQ(spans.size(), 3u);
    EXPECT_EQ(spans[0].to, ms_later(20));
    EXPECT_EQ(spans[1].role, cli::NodeRole::leader);
    EXPECT_EQ(spans[1].term, Term(2));
    EXPECT_EQ(spans[1].to, ms_later(30));
    EXPECT_EQ(spans[2].role, std::nullopt);
}

TEST(RoleLog, KnowsTheLeaderOfTheNewestTerm) {
    RoleLog log;
    EXPECT_EQ(log.leader(), std::nullopt);
    log.note(NodeId(0), says(cli::NodeRole::leader, 3), ms_later(0));
    log.note(NodeId(1), says(cli::NodeRole::leader, 4), ms_later(0));
    log.note(NodeId(2), says(cli::NodeRole::candidate, 5), ms_later(0));
    EXPECT_EQ(log.leader(), NodeId(1));
    log.note(NodeId(1), std::nullopt, ms_later(1));
    EXPECT_EQ(log.leader(), NodeId(0));
}

TEST(RoleLog, KnowsWhoAnswered) {
    RoleLog log;
    EXPECT_FALSE(log.answers(NodeId(0)));
    log.note(NodeId(0), says(cli::NodeRole::follower, 1), ms_later(0));
    EXPECT_TRUE(log.answers(NodeId(0)));
    log.note(NodeId(0), std::nullopt, ms_later(1));
    EXPECT_FALSE(log.answers(NodeId(0)));
}

}  // namespace
}  // namespace raftkv::chaos
