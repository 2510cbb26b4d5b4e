#include "node/server/faults/faults.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "node/server/faults/fault_commands.hpp"
#include "tests/unit/faults/hand_clock.hpp"

// All of a node's faults, as the lines on its socket command them.

namespace raftkv::server {
namespace {

struct Deaf final : replica::NetworkPort, PeerEvents {
    void send(NodeId, const raft::Message&) override { ++sent; }
    void on_message(NodeId, raft::Message) override {}
    void on_peer_connected(NodeId) override {}
    void on_peer_disconnected(NodeId) override {}
    void on_peer_folder(NodeId, std::uint64_t) override {}
    void on_refused(NodeId, const wire::Refusal&) override {}
    int sent = 0;
};

class FaultsTest : public testing::Test {
  protected:
    FaultsTest() {
        for (std::uint32_t id : {0, 1, 2}) {
            config_.servers.emplace_back();
            config_.servers.back().id = NodeId(id);
        }
        auto clock = std::make_unique<HandClock>();
        clock_ = clock.get();
        faults_ = std::make_unique<Faults>(std::move(clock), config_, NodeId(0), 1);
        network_ = &faults_->around(static_cast<replica::NetworkPort&>(world_));
        faults_->around(static_cast<PeerEvents&>(world_));
    }

    std::string ask(std::string_view line) { return answer_fault_line(line, *faults_); }
    bool passes(std::uint32_t to) {
        int before = world_.sent;
        network_->send(NodeId(to), {Term(1), raft::Heartbeat{}});
        return world_.sent > before;
    }

    ClusterConfig config_;
    Deaf world_;
    HandClock* clock_ = nullptr;
    std::unique_ptr<Faults> faults_;
    replica::NetworkPort* network_ = nullptr;
};

TEST_F(FaultsTest, are_listed_while_they_are_in_force) {
    EXPECT_EQ(ask("list"), "ok 0\n");
    EXPECT_EQ(ask("fault cut to 2 for 10s"), "ok\n");
    EXPECT_EQ(ask("fault disk-full"), "ok\n");
    EXPECT_FALSE(passes(2));
    EXPECT_TRUE(passes(1));
    clock_->now = clock_->now + 1500;
    EXPECT_EQ(ask("list"), "ok 2\ncut to 2 for 8500ms\ndisk-full\n");
    EXPECT_EQ(ask("clear"), "ok\n");
    EXPECT_EQ(ask("list"), "ok 0\n");
    EXPECT_TRUE(passes(2));
}

TEST_F(FaultsTest, one_takes_the_place_of_a_like_one) {
    ask("fault clock +30s for 10s");
    ask("fault clock -1h");
    EXPECT_EQ(ask("list"), "ok 1\nclock -1h\n");
    EXPECT_EQ(faults_->clock().wall(), clock_->wall() - 3'600'000);
    for (int again = 0; again < 1000; ++again) ask("fault cut to 1");
    EXPECT_EQ(ask("list"), "ok 2\nclock -1h\ncut to 1\n");
}

TEST_F(FaultsTest, end_by_themselves) {
    ask("fault cut to all for 100ms");
    ask("fault clock +30s for 200ms");
    EXPECT_TRUE(faults_->advance());
    clock_->now = clock_->now + 100;
    EXPECT_TRUE(faults_->advance());
    EXPECT_TRUE(passes(1));
    EXPECT_EQ(faults_->clock().wall(), clock_->wall() + 30'000);
    clock_->now = clock_->now + 100;
    EXPECT_FALSE(faults_->advance());
    EXPECT_EQ(faults_->clock().wall(), clock_->wall());
}

TEST_F(FaultsTest, are_not_over_while_messages_wait) {
    ask("fault delay 80ms to 1 for 10ms");
    EXPECT_FALSE(passes(1));
    clock_->now = clock_->now + 10;
    EXPECT_FALSE(faults_->advance());
    EXPECT_EQ(world_.sent, 1);
}

TEST_F(FaultsTest, concern_peers_of_this_cluster_alone) {
    EXPECT_EQ(ask("fault cut to 0"), "error no other node of this cluster has the id 0\n");
    EXPECT_EQ(ask("fault cut from 3"), "error no other node of this cluster has the id 3\n");
    EXPECT_EQ(ask("list"), "ok 0\n");
}

TEST_F(FaultsTest, every_other_line_is_an_error) {
    for (std::string_view line :
         {"", " ", "list all", " list", "clear please", "fault", "fault ", "fault explode",
          "FAULT cut to 1", "cut to 1", "fault cut to 1; fault cut to 2", "GET / HTTP/1.1",
          "list\nclear", "\xff\xfe\x00\x01"}) {
        std::string answer = ask(line);
        EXPECT_TRUE(answer.starts_with("error ")) << line << ": " << answer;
        EXPECT_EQ(answer.find('\n'), answer.size() - 1) << line;
    }
    EXPECT_EQ(ask("list\r"), "ok 0\n");
    EXPECT_EQ(ask("fault  cut\tto 1\r"), "ok\n");
}

}  // namespace
}  // namespace raftkv::server
