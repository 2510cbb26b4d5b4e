#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "cli/admin/members.hpp"
#include "node/wire/peer_codec.hpp"
#include "tests/system/node/dialogue.hpp"
#include "tests/system/node/nodes.hpp"

// Clients and strangers that mean no good, or are broken. The node must stay up, within its memory,
// and serve everybody else.

namespace raftkv::system_test {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t mib = 1u << 20;

class Hostile : public testing::Test {
  protected:
    void SetUp() override {
        nodes_.start(0);
        nodes_.leader();
    }

    void expect_served() {
        Dialogue c(nodes_.client_port(0));
        EXPECT_EQ(c.ask("get nothing\r\n", "ERR_NOT_FOUND\r\n"), "ERR_NOT_FOUND\r\n");
        EXPECT_TRUE(nodes_.running(0)) << nodes_.log(0);
    }
    std::uint64_t memory() {
        auto status = nodes_.status(0);
        EXPECT_TRUE(status.has_value());
        return status ? status->memory_bytes : 0;
    }
    std::string garbage(std::size_t size) {
        std::string bytes(size, '\0');
        std::generate(bytes.begin(), bytes.end(), [this] { return static_cast<char>(random_()); });
        return bytes;
    }

    std::mt19937 random_{4711};
    Nodes nodes_{1};
};

TEST_F(Hostile, garbage_on_the_client_port_is_answered_or_closed) {
    for (int i = 0; i < 50; ++i) {
        Dialogue c(nodes_.client_port(0));
        c.say(garbage(5000));
        c.finish_sending();
        std::string heard = c.hear_all();
        EXPECT_TRUE(c.ended());
        while (heard.starts_with("ERR_CMD_ERR\r\n")) heard.erase(0, 13);
        EXPECT_EQ(heard, "");
    }
    expect_served();
}

TEST_F(Hostile, an_endless_line_is_refused_early) {
    Dialogue c(nodes_.client_port(0));
    std::uint64_t before = memory();
    for (int i = 0; i < 64 && c.say(std::string(mib, 'x'), milliseconds(500)); ++i) continue;
    EXPECT_EQ(c.line(), "ERR_CMD_ERR");
    EXPECT_TRUE(c.ended());
    EXPECT_LT(memory(), before + 8 * mib);
    expect_served();
}

TEST_F(Hostile, huge_lengths_cost_nothing) {
    std::uint64_t before = memory();
    for (std::string length : {"2147483648", "4294967296", "18446744073709551615",
                               "99999999999999999999999", "-1", "0", "1e9", "0x10"}) {
        Dialogue c(nodes_.client_port(0));
        c.say("set a 0 " + length + "\r\n");
        EXPECT_EQ(c.line(), "ERR_CMD_ERR") << length;
    }
    EXPECT_LT(memory(), before + 8 * mib);
    expect_served();
}

TEST_F(Hostile, a_value_over_the_limit_is_swallowed_without_being_kept) {
    std::uint64_t before = memory();
    Dialogue c(nodes_.client_port(0));
    ASSERT_TRUE(c.say("set a 0 8000000\r\n" + std::string(8'000'000, 'v') + "\r\nget a\r\n"));
    EXPECT_EQ(c.line(), "ERR_CMD_ERR");
    EXPECT_EQ(c.line(), "ERR_NOT_FOUND");
    EXPECT_LT(memory(), before + 8 * mib);
}

TEST_F(Hostile, half_a_command_holds_up_nobody_else) {
    std::vector<Dialogue> silent;
    for (std::string half : {"set a 0 1000000\r\nhalf", "set a 0", "g", "cas a 0 1 10\r\n"}) {
        silent.emplace_back(nodes_.client_port(0));
        silent.back().say(half);
    }
    expect_served();
    for (Dialogue& each : silent) EXPECT_EQ(each.hear(1, milliseconds(50)), "");
}

TEST_F(Hostile, a_client_that_never_reads_is_cut_off_within_its_bounds) {
    Dialogue writer(nodes_.client_port(0));
    writer.say("set large 0 1000000\r\n" + std::string(1'000'000, 'v') + "\r\n");
    ASSERT_TRUE(writer.line().starts_with("OK "));
    std::uint64_t before = memory();
    std::vector<Dialogue> deaf;
    for (int i = 0; i < 10; ++i) {
        deaf.emplace_back(nodes_.client_port(0));
        std::string requests;
        for (int n = 0; n < 1000; ++n) requests += "get large\r\n";
        deaf.back().say(requests, milliseconds(200));
    }
    expect_served();
    EXPECT_LT(memory(), before + 10 * 10 * mib);
}

TEST_F(Hostile, a_client_that_only_sends_is_not_read_without_end) {
    Dialogue c(nodes_.client_port(0));
    std::uint64_t before = memory();
    std::string nonsense;
    while (nonsense.size() < mib) nonsense += "x\n";
    int sent = 0;
    while (sent < 100 && c.say(nonsense, milliseconds(500))) ++sent;
    EXPECT_LT(sent, 100);
    EXPECT_LT(memory(), before + 16 * mib);
    expect_served();
}

TEST_F(Hostile, a_thousand_idle_connections_are_kept_and_others_served) {
    std::vector<Dialogue> idle;
    for (int i = 0; i < 1000; ++i) idle.emplace_back(nodes_.client_port(0));
    ASSERT_TRUE(comes_true([&] {
        auto status = nodes_.status(0);
        return status && status->client_connections >= 1000;
    }));
    EXPECT_LT(memory(), 64 * mib);
    expect_served();
    for (Dialogue& each : idle) {
        ASSERT_EQ(each.ask("get a\r\n", "ERR_NOT_FOUND\r\n"), "ERR_NOT_FOUND\r\n");
    }
}

TEST_F(Hostile, connections_that_come_and_go_leave_nothing_behind) {
    for (int i = 0; i < 2000; ++i) {
        Dialogue c(nodes_.client_port(0));
        if (i % 3 == 0) c.say("get a\r\n");
        if (i % 3 == 1) c.say("set a 0 100\r\nhal");
    }
    EXPECT_TRUE(comes_true([&] {
        auto status = nodes_.status(0);
        return status && status->client_connections == 0 && status->pending.bytes == 0;
    }));
    expect_served();
}

TEST_F(Hostile, garbage_on_the_peer_port_closes_the_connection) {
    std::vector<std::string> inputs = {"GET / HTTP/1.1\r\n\r\n", std::string(300, '\0'),
                                       std::string(300, '\xff')};
    std::string announces_two_gigabytes("\xff\xff\xff\x7f", 4);
    announces_two_gigabytes.append(300, 'x');
    inputs.push_back(std::move(announces_two_gigabytes));
    for (int i = 0; i < 50; ++i) inputs.push_back(garbage(300));
    std::uint64_t before = memory();
    for (const std::string& input : inputs) {
        Dialogue stranger(nodes_.log_port(0));
        stranger.say(input);
        EXPECT_TRUE(stranger.ended());
    }
    EXPECT_LT(memory(), before + 8 * mib);
    expect_served();
}

TEST_F(Hostile, a_stranger_on_the_peer_port_has_little_time) {
    Dialogue silent(nodes_.log_port(0)), slow(nodes_.log_port(0));
    slow.say("x");
    EXPECT_TRUE(silent.ended(milliseconds(5000)));
    EXPECT_TRUE(slow.ended(milliseconds(1000)));
    expect_served();
}

// As that member says it: its id and its data folder are no secrets.
std::string hello_of_member(const Nodes& nodes, std::uint32_t from, std::uint32_t to) {
    std::uint64_t folder = 0;
    std::uint64_t cluster = 0;
    EXPECT_TRUE(comes_true([&] {
        const auto view = cli::fetch_members("localhost", nodes.admin_port(to), milliseconds(1000));
        const cli::MemberInfo* member = view ? view->find(NodeId(from)) : nullptr;
        if (member && member->folder) folder = std::stoull(*member->folder, nullptr, 16);
        if (view) cluster = view->cluster_id;
        return folder != 0;
    }));
    std::string hello;
    wire::encode_hello({.cluster_id = cluster,
                        .from = NodeId(from),
                        .to = NodeId(to),
                        .folder = folder,
                        .members_index = LogIndex(~0ULL)},
                       hello);
    return hello;
}

// Terms far apart, more than could be written down, and that the state is the odd one out.
TEST(HostilePeer, forged_words_of_a_member_do_no_lasting_harm) {
    Nodes nodes(3);
    nodes.start_all();
    nodes.leader();
    for (std::uint32_t id = 0; id < 3; ++id) {
        std::string bytes = hello_of_member(nodes, (id + 1) % 3, id);
        const Term term = nodes.status(id)->term;
        wire::encode_frame({term + 1, raft::Heartbeat{LogIndex(0), 0, {}, true}}, bytes);
        for (std::uint64_t i = 1; i <= 1000; ++i)
            wire::encode_frame({term + (i << 32), raft::VoteResponse{false, false}}, bytes);
        Dialogue impostor(nodes.log_port(id));
        impostor.say(bytes);
    }
    EXPECT_TRUE(comes_true([&] {
        Dialogue c(nodes.client_port(nodes.leader()));
        c.say("set a 0 1\r\nv\r\n");
        return c.line().starts_with("OK ");
    }));
    for (std::uint32_t id = 0; id < 3; ++id) {
        EXPECT_TRUE(nodes.running(id)) << nodes.log(id);
        EXPECT_FALSE(nodes.status(id)->distrusted);
        EXPECT_LT(nodes.status(id)->term, Term(200ULL << 32));
    }
}

// The id of the cluster is no secret: somebody who knows it may still say nothing that harms.
TEST(HostilePeer, garbage_after_a_valid_hello_does_not_end_the_node) {
    Nodes nodes(3);
    nodes.start_all();
    std::uint32_t target = nodes.leader();
    const std::string hello = hello_of_member(nodes, (target + 1) % 3, target);
    std::mt19937 random(11);
    for (int i = 0; i < 30; ++i) {
        std::string bytes = hello;
        if (i % 2 == 0) {
            for (int n = 0; n < 500; ++n) bytes += static_cast<char>(random());
        } else {
            bytes += std::string("\x00\x00\x40\x00", 4);  // a frame of the full size, never sent
        }
        Dialogue impostor(nodes.log_port(target));
        impostor.say(bytes);
        EXPECT_TRUE(i % 2 == 1 || impostor.ended());
    }
    Dialogue c(nodes.client_port(nodes.leader()));
    c.say("set a 0 1\r\nv\r\n");
    std::string reply = c.line();
    EXPECT_TRUE(reply.starts_with("OK ") || reply.starts_with("REDIRECT ")) << reply;
    for (std::uint32_t id = 0; id < 3; ++id) EXPECT_TRUE(nodes.running(id)) << nodes.log(id);
}

TEST(HostilePeer, a_node_of_another_cluster_is_refused) {
    Nodes ours(1);
    ours.start(0);
    ours.leader();
    ASSERT_TRUE(comes_true([&] { return ours.status(0)->cluster != 0; }));
    std::string hello;
    wire::encode_hello({.cluster_id = 0xbad, .from = NodeId(1), .to = NodeId(0)}, hello);
    // Connections of before the cluster was known end without a word.
    EXPECT_TRUE(comes_true([&] {
        Dialogue stranger(ours.log_port(0));
        stranger.say(hello);
        EXPECT_TRUE(stranger.ended());
        return ours.log(0).find("node 1 belongs to cluster 0000000000000bad") != std::string::npos;
    })) << ours.log(0);
}

}  // namespace
}  // namespace raftkv::system_test
