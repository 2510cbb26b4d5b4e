#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "cli/admin/admin_client.hpp"
#include "tests/system/node/dialogue.hpp"
#include "tests/system/node/nodes.hpp"

// The admin port of a real node.

namespace raftkv::system_test {
namespace {

class Admin : public testing::Test {
  protected:
    void SetUp() override {
        nodes_.start_all();
        leader_ = nodes_.leader();
    }

    cli::HttpReply get(std::uint32_t id, const std::string& target) {
        auto reply =
            cli::http_get("127.0.0.1", nodes_.admin_port(id), target, std::chrono::seconds(5));
        EXPECT_TRUE(reply.ok()) << reply.error().message;
        return reply.ok() ? *reply : cli::HttpReply{};
    }
    std::string raw(const std::string& request) {
        Dialogue admin(nodes_.admin_port(leader_));
        admin.say(request);
        admin.finish_sending();
        std::string reply = admin.hear_all();
        return reply.substr(0, reply.find("\r\n"));
    }

    Nodes nodes_{3};
    std::uint32_t leader_ = 0;
};

TEST_F(Admin, status_counts_what_was_done) {
    Dialogue c(nodes_.client_port(leader_));
    c.say(
        "set a 60 2\r\nhi\r\nget a\r\ngetm a\r\ncas a 0 1 1\r\nx\r\ndelete a\r\nset b 0 1\r\nb\r\n"
        "get zzz\r\n");
    for (int i = 0; i < 9; ++i) c.line();
    auto status = nodes_.status(leader_);
    ASSERT_TRUE(status.has_value());
    EXPECT_EQ(status->role, cli::NodeRole::leader);
    EXPECT_EQ(status->counters.set, 2u);
    EXPECT_EQ(status->counters.get, 2u);
    EXPECT_EQ(status->counters.getm, 1u);
    EXPECT_EQ(status->counters.cas, 1u);
    EXPECT_EQ(status->counters.remove, 1u);
    EXPECT_EQ(status->keys, 1u);
    EXPECT_EQ(status->client_connections, 1u);
    EXPECT_EQ(status->pending.bytes, 0u);
    EXPECT_GT(status->counters.fsyncs, 0u);
    EXPECT_GT(status->log_bytes, 0u);
    ASSERT_EQ(status->peers.size(), 2u);
    EXPECT_TRUE(status->peers[0].connected);
}

TEST_F(Admin, replicas_list_the_same_state) {
    Dialogue c(nodes_.client_port(leader_));
    for (int i = 0; i < 50; ++i) {
        c.say("set k" + std::to_string(i) + " 100 3\r\nabc\r\n");
        ASSERT_TRUE(c.line().starts_with("OK "));
    }
    auto sorted_state = [&](std::uint32_t id) {
        std::istringstream lines(get(id, "/state").body);
        std::vector<std::string> all;
        for (std::string line; std::getline(lines, line);) all.push_back(line);
        std::sort(all.begin(), all.end());
        return all;
    };
    EXPECT_EQ(sorted_state(leader_).size(), 51u);
    for (std::uint32_t id = 0; id < 3; ++id) {
        EXPECT_TRUE(comes_true([&] { return sorted_state(id) == sorted_state(leader_); }));
    }
}

TEST_F(Admin, health_is_to_know_a_leader) {
    std::uint32_t follower = (leader_ + 1) % 3;
    EXPECT_EQ(get(follower, "/healthz").code, 200);
    nodes_.kill(leader_);
    nodes_.kill((leader_ + 2) % 3);
    EXPECT_TRUE(comes_true([&] { return get(follower, "/healthz").code == 503; }));
}

TEST_F(Admin, metrics_can_be_scraped) {
    cli::HttpReply metrics = get(leader_, "/metrics");
    EXPECT_EQ(metrics.code, 200);
    EXPECT_NE(metrics.body.find("raftkv_is_leader 1\n"), std::string::npos) << metrics.body;
    EXPECT_NE(metrics.body.find("raftkv_log_sync_seconds_bucket"), std::string::npos);
}

TEST_F(Admin, what_it_does_not_understand_is_refused) {
    EXPECT_EQ(raw("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"), "HTTP/1.1 404 Not Found");
    EXPECT_EQ(raw("POST /status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"),
              "HTTP/1.1 405 Method Not Allowed");
    EXPECT_EQ(raw("POST /status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n"),
              "HTTP/1.1 413 Payload Too Large");
    EXPECT_EQ(raw("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n"),
              "HTTP/1.1 413 Payload Too Large");
    EXPECT_EQ(raw("set a 0 1\r\nv\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(raw("POST /transfer HTTP/1.1\r\nHost: localhost\r\nOrigin: http://page\r\n\r\n"),
              "HTTP/1.1 403 Forbidden");
    EXPECT_EQ(raw("GET /transfer HTTP/1.1\r\nHost: localhost\r\n\r\n"),
              "HTTP/1.1 405 Method Not Allowed");
    EXPECT_TRUE(nodes_.running(leader_));
}

TEST_F(Admin, one_connection_may_ask_again) {
    Dialogue admin(nodes_.admin_port(leader_));
    for (int i = 0; i < 3; ++i) {
        admin.say("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
        EXPECT_EQ(admin.line(), "HTTP/1.1 200 OK");
        while (!admin.line().empty()) continue;
        EXPECT_EQ(admin.hear(3), "ok\n");
    }
}

// Keys with values of a mebibyte: far more in all than the sockets between two take.
void fill(std::uint16_t client_port, int keys) {
    Dialogue c(client_port);
    for (int i = 0; i < keys; ++i) {
        ASSERT_TRUE(c.say("set big" + std::to_string(i) + " 0 1048576\r\n" +
                          std::string(1u << 20, 'v') + "\r\n"));
        ASSERT_TRUE(c.line().starts_with("OK "));
    }
}

// A node alone leads whatever else the machine does.
class Dump : public testing::Test {
  protected:
    void SetUp() override {
        nodes_.start_all();
        nodes_.leader();
    }

    cli::HttpReply get(const std::string& target) {
        auto reply =
            cli::http_get("127.0.0.1", nodes_.admin_port(0), target, std::chrono::seconds(30));
        EXPECT_TRUE(reply.ok()) << reply.error().message;
        return reply.ok() ? *reply : cli::HttpReply{};
    }

    Nodes nodes_{1};
};

TEST_F(Dump, a_dump_shows_one_moment_to_a_slow_reader_and_holds_up_nobody) {
    fill(nodes_.client_port(0), 16);
    Dialogue slow(nodes_.admin_port(0));
    ASSERT_TRUE(slow.say("GET /dump HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    EXPECT_EQ(slow.line(), "HTTP/1.1 200 OK");
    Dialogue c(nodes_.client_port(0));
    EXPECT_EQ(c.ask("delete big7\r\n", "DELETED\r\n"), "DELETED\r\n");
    EXPECT_EQ(get("/dump").code, 503) << "one at a time";
    const std::string dump = slow.hear_all();
    EXPECT_NE(dump.find("{\"keys\":16,"), std::string::npos);
    EXPECT_NE(dump.find("{\"key\":\"big7\""), std::string::npos) << "it was there at that moment";
    EXPECT_TRUE(dump.ends_with("\r\n0\r\n\r\n"));
    EXPECT_NE(get("/dump").body.find("{\"keys\":15,"), std::string::npos);
}

TEST_F(Dump, a_dump_is_cut_off_before_it_holds_too_much_memory) {
    fill(nodes_.client_port(0), 16);
    Dialogue slow(nodes_.admin_port(0));
    ASSERT_TRUE(slow.say("GET /dump HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    EXPECT_EQ(slow.line(), "HTTP/1.1 200 OK");
    Dialogue c(nodes_.client_port(0));
    for (int i = 0; i < 16; ++i) {
        c.say("delete big" + std::to_string(i) + "\r\n");
        EXPECT_EQ(c.line(), "DELETED");
    }
    const std::string dump = slow.hear_all();
    EXPECT_NE(dump.find("{\"error\":\"too much was overwritten"), std::string::npos);
    EXPECT_FALSE(dump.ends_with("\r\n0\r\n\r\n")) << "and nobody takes it for a whole one";
    EXPECT_NE(get("/dump").body.find("{\"keys\":0,"), std::string::npos);
}

}  // namespace
}  // namespace raftkv::system_test
