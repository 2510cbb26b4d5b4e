#include "cli/client/node_report.hpp"

#include <gtest/gtest.h>

#include "tests/unit/client/fake_node.hpp"

namespace raftkv::cli::client {
namespace {

NodeReport report(std::uint32_t id, NodeRole role, std::uint64_t term) {
    ServerConfig node;
    node.id = NodeId(id);
    node.host = "localhost";
    node.client_port = static_cast<std::uint16_t>(9000 + id);
    NodeStatus status;
    status.id = node.id;
    status.role = role;
    status.term = Term(term);
    status.uptime_ms = 61'000;
    return {node, status};
}

NodeReport silent(std::uint32_t id) {
    NodeReport made = report(id, NodeRole::follower, 0);
    made.status = Error{ErrorKind::unavailable, "Connection refused"};
    return made;
}

TEST(NodeReport, TheLeaderIsTheOneWithTheHighestTerm) {
    const std::vector<NodeReport> reports{report(0, NodeRole::leader, 4),
                                          report(1, NodeRole::leader, 5),
                                          report(2, NodeRole::follower, 5)};
    EXPECT_EQ(find_leader(reports), &reports[1]);
    const std::vector<NodeReport> none{report(0, NodeRole::candidate, 4), silent(1)};
    EXPECT_EQ(find_leader(none), nullptr);
}

TEST(NodeReport, TheLeaderKnowsTheLag) {
    NodeReport leader = report(0, NodeRole::leader, 4);
    leader.status->peers.push_back({NodeId(1), true, LogIndex(7), 3});
    EXPECT_EQ(lag_of(report(1, NodeRole::follower, 4), &leader), 3u);
    EXPECT_EQ(lag_of(report(1, NodeRole::follower, 4), nullptr), std::nullopt);
    EXPECT_EQ(lag_of(silent(1), &leader), std::nullopt);
    leader.status->last_index = LogIndex(10);
    leader.status->durable_index = LogIndex(8);
    EXPECT_EQ(lag_of(leader, &leader), 2u) << "its own disk may lag, too";
}

TEST(NodeReport, TheTableHasALineForEachNode) {
    const std::vector<NodeReport> reports{report(0, NodeRole::leader, 4), silent(1)};
    EXPECT_EQ(status_table(reports, find_leader(reports), false),
              "id  address         role       term  commit  applied  lag  keys    uptime\n"
              " 0  localhost:9000  leader        4       0        0    0     0  1 m 01 s\n"
              " 1  localhost:9001  no answer  Connection refused\n");
    std::vector<NodeReport> with_learner{report(0, NodeRole::leader, 4),
                                         report(1, NodeRole::follower, 4)};
    with_learner[1].node.votes = false;
    with_learner[0].status->read_mode = "lease";
    with_learner[1].status->read_mode = "read-index";
    EXPECT_NE(status_table(with_learner, &with_learner[0], false).find("\nReadMode should be"),
              std::string::npos);
    EXPECT_NE(status_table(with_learner, &with_learner[0], false).find("localhost:9001  learner "),
              std::string::npos);
    with_learner[1].status->distrusted = true;
    EXPECT_NE(status_table(with_learner, &with_learner[0], false).find("localhost:9001  differs "),
              std::string::npos);
    const std::string colored = status_table(reports, find_leader(reports), true);
    EXPECT_NE(colored.find("\x1b[32m"), std::string::npos);
    EXPECT_NE(colored.find("\x1b[31m"), std::string::npos);
}

TEST(NodeReport, WithoutALeaderTheClusterIsUnavailable) {
    const std::vector<NodeReport> led{report(0, NodeRole::leader, 4), silent(1)};
    EXPECT_EQ(status_exit(led, &led[0]), ExitCode::done);
    EXPECT_EQ(status_exit(led, nullptr), ExitCode::unavailable);
    EXPECT_EQ(status_exit({led[1]}, &led[0]), ExitCode::unavailable) << "that one was asked for";
}

TEST(NodeReport, NodesThatAreDownAreReportedAndDoNotHang) {
    ServerConfig node;
    node.admin_host = "127.0.0.1";
    node.admin_port = test::dead_port();
    const auto reports = ask_nodes({node, node}, std::chrono::seconds(5));
    ASSERT_EQ(reports.size(), 2u);
    EXPECT_FALSE(reports[0].status.ok());
    EXPECT_FALSE(reports[1].leads());
}

}  // namespace
}  // namespace raftkv::cli::client
