#include "node/server/admin/admin_routes.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "node/kv/command.hpp"

namespace raftkv::server {
namespace {

class FakeSource final : public ReportSource {
  public:
    NodeReport report() const override { return node; }
    const kv::Store& store() const override { return kept; }
    ClusterMs cluster_time() const override { return kept.clock(); }
    std::vector<std::string> host_names() const override { return {}; }

    void set(std::uint64_t index, std::string_view key, std::string_view value,
             std::uint32_t exptime_s = 0) {
        std::string bytes;
        kv::encode({.op = kv::CommandOp::set,
                    .stamp = ClusterMs(1000),
                    .exptime_s = exptime_s,
                    .version = 0,
                    .key = key,
                    .value = value},
                   bytes);
        kept.apply(LogIndex(index), bytes);
    }

    NodeReport node;
    kv::Store kept;
};

class AdminRoutes : public testing::Test {
  protected:
    AdminAnswer get(std::string_view target) { return answer("GET", target, source_); }

    FakeSource source_;
};

TEST_F(AdminRoutes, status_tells_what_the_node_is) {
    source_.node.replica.id = NodeId(3);
    source_.node.replica.role = raft::Role::leader;
    source_.node.replica.term = Term(7);
    source_.node.replica.leader = NodeId(3);
    source_.node.replica.commit = LogIndex(40);
    source_.node.replica.state = {LogIndex(39), 0xabc};
    source_.node.replica.peers.push_back({NodeId(1), true, LogIndex(38), 2});
    source_.node.replica.counters.del = 5;
    for (std::uint64_t us : {100, 200, 300}) source_.node.log.sync_us.add(us);
    AdminAnswer status = get("/status");
    EXPECT_EQ(status.status, 200u);
    EXPECT_EQ(status.content_type, "application/json");
    auto json = nlohmann::json::parse(status.body);
    EXPECT_EQ(json["id"], 3);
    EXPECT_EQ(json["role"], "leader");
    EXPECT_EQ(json["term"], 7);
    EXPECT_EQ(json["leader"], 3);
    EXPECT_EQ(json["commit"], 40);
    EXPECT_EQ(json["state_hash"], "0000000000000abc");
    EXPECT_EQ(json["counters"]["delete"], 5);
    EXPECT_EQ(json["counters"]["fsyncs"], 3);
    EXPECT_EQ(json["fsync_us"]["mean"], 200);
    nlohmann::json peer = {{"id", 1}, {"connected", true}, {"match", 38}, {"lag", 2}};
    EXPECT_EQ(json["peers"], nlohmann::json::array({peer}));
}

TEST_F(AdminRoutes, a_node_is_healthy_while_it_knows_a_leader) {
    EXPECT_EQ(get("/healthz").status, 503u);
    EXPECT_TRUE(nlohmann::json::parse(get("/status").body)["leader"].is_null());
    source_.node.replica.leader = NodeId(1);
    EXPECT_EQ(get("/healthz").status, 200u);
}

TEST_F(AdminRoutes, metrics_are_in_the_format_of_prometheus) {
    source_.node.replica.counters.set = 12;
    source_.node.replica.peers.push_back({NodeId(1), true, LogIndex(38), 2});
    source_.node.log.sync_us.add(100);
    std::string text = get("/metrics").body;
    for (const char* line : {
             "# TYPE raftkv_commands_total counter\n",
             "raftkv_commands_total{command=\"set\"} 12\n",
             "raftkv_peer_lag{peer=\"1\"} 2\n",
             "raftkv_log_sync_seconds_count 1\n",
             "raftkv_log_sync_seconds_bucket{le=\"0.000128\"} 1\n",
             "raftkv_log_sync_seconds_bucket{le=\"3.2e-05\"} 0\n",
             "raftkv_log_sync_seconds_bucket{le=\"+Inf\"} 1\n",
         }) {
        EXPECT_NE(text.find(line), std::string::npos) << line << " is not in\n" << text;
    }
}

TEST_F(AdminRoutes, refuses_what_it_does_not_know) {
    EXPECT_EQ(get("/").status, 404u);
    EXPECT_EQ(get("/statusx").status, 404u);
    EXPECT_EQ(answer("POST", "/status", source_).status, 405u);
    EXPECT_EQ(answer("DELETE", "/nothing", source_).status, 404u);
    EXPECT_EQ(get("/transfer?to=1").status, 405u);
    EXPECT_EQ(answer("DELETE", "/dump", source_).status, 405u);
    EXPECT_EQ(dump_form_of("/dump?x"), DumpForm::values);
    EXPECT_EQ(dump_form_of("/state"), DumpForm::hashes);
    EXPECT_EQ(dump_form_of("/dumps"), std::nullopt);
    EXPECT_EQ(get("/healthz?verbose=1").status, 503u);
}

TEST_F(AdminRoutes, only_the_leader_says_200_to_who_looks_for_it) {
    source_.node.replica.id = NodeId(1);
    EXPECT_EQ(get("/leader").status, 503u);
    source_.node.replica.leader = NodeId(2);
    EXPECT_EQ(get("/leader").status, 503u);
    EXPECT_EQ(get("/leader").body, "node 1 does not lead: node 2 does\n");
    source_.node.replica.leader = NodeId(1);
    source_.node.replica.role = raft::Role::leader;
    EXPECT_EQ(get("/leader").status, 200u);
    EXPECT_EQ(answer("HEAD", "/leader", source_).status, 200u);
    source_.node.replica.distrusted = true;
    EXPECT_EQ(get("/leader").status, 503u);
}

TEST_F(AdminRoutes, each_target_says_its_methods) {
    const auto allow = [&](std::string_view method, std::string_view target) {
        const AdminAnswer said = answer(method, target, source_);
        return std::to_string(said.status) + " " + said.allow;
    };
    EXPECT_EQ(allow("OPTIONS", "/status"), "204 GET, HEAD, OPTIONS");
    EXPECT_EQ(allow("OPTIONS", "/dump?x"), "204 GET, HEAD, OPTIONS");
    EXPECT_EQ(allow("OPTIONS", "/members/add?id=4"), "204 POST, OPTIONS");
    EXPECT_EQ(allow("OPTIONS", "/snapshot"), "204 GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(allow("OPTIONS", "*"), "204 GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(allow("OPTIONS", "/nothing"), "404 ");
    EXPECT_EQ(allow("POST", "/status"), "405 GET, HEAD, OPTIONS");
    EXPECT_EQ(allow("HEAD", "/transfer"), "405 POST, OPTIONS");
}

}  // namespace
}  // namespace raftkv::server
