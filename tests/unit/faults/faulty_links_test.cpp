#include "node/server/faults/faulty_links.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/faults/hand_clock.hpp"

namespace raftkv::server {
namespace {

raft::Message heartbeat(std::uint64_t round) {
    return {Term(1), raft::Heartbeat{LogIndex(0), round}};
}

// Everything that gets through, either way: "to 1: 7", "from 2: 8", "connected 1".
struct World final : replica::NetworkPort, PeerEvents {
    void send(NodeId to, const raft::Message& message) override { note("to", to, message); }
    void on_message(NodeId from, raft::Message message) override { note("from", from, message); }
    void on_peer_connected(NodeId peer) override {
        seen.push_back("connected " + std::to_string(peer.value()));
    }
    void on_peer_disconnected(NodeId peer) override {
        seen.push_back("disconnected " + std::to_string(peer.value()));
    }
    void on_peer_folder(NodeId, std::uint64_t) override {}
    void on_refused(NodeId, const wire::Refusal&) override {}
    void note(const char* way, NodeId peer, const raft::Message& message) {
        const auto* beat = std::get_if<raft::Heartbeat>(&message.body);
        seen.push_back(std::string(way) + " " + std::to_string(peer.value()) + ": " +
                       (beat != nullptr ? std::to_string(beat->round) : "entries"));
    }
    std::vector<std::string> take() { return std::exchange(seen, {}); }

    std::vector<std::string> seen;
};

using Seen = std::vector<std::string>;

class FaultyLinksTest : public testing::Test {
  protected:
    FaultyLinksTest() {
        links_.lead_to(static_cast<replica::NetworkPort&>(world_));
        links_.lead_to(static_cast<PeerEvents&>(world_));
    }

    void obey(const std::vector<std::string>& texts) {
        std::vector<FaultSpec> faults;
        for (const std::string& text : texts) faults.push_back(parse_fault_text(text).value());
        links_.obey(faults);
    }
    void send(std::uint32_t to, std::uint64_t round) { links_.send(NodeId(to), heartbeat(round)); }
    void hear(std::uint32_t from, std::uint64_t round) {
        links_.on_message(NodeId(from), heartbeat(round));
    }
    void pass(std::int64_t ms) {
        clock_.now = clock_.now + ms;
        links_.advance();
    }

    HandClock clock_;
    World world_;
    FaultyLinks links_{clock_, 1};
};

TEST_F(FaultyLinksTest, without_faults_everything_passes_at_once) {
    send(1, 7);
    hear(2, 8);
    EXPECT_EQ(world_.take(), (Seen{"to 1: 7", "from 2: 8"}));
    EXPECT_FALSE(links_.anything_waits());
}

TEST_F(FaultyLinksTest, a_cut_is_of_one_direction_of_one_link) {
    obey({"cut to 1"});
    send(1, 1);
    send(2, 2);
    hear(1, 3);
    EXPECT_EQ(world_.take(), (Seen{"to 2: 2", "from 1: 3"}));
    obey({"cut from all"});
    hear(1, 4);
    hear(2, 5);
    send(1, 6);
    EXPECT_EQ(world_.take(), (Seen{"to 1: 6"}));
    obey({});
    hear(1, 7);
    EXPECT_EQ(world_.take(), (Seen{"from 1: 7"}));
}

TEST_F(FaultyLinksTest, a_delay_keeps_the_order) {
    obey({"delay 80ms to 1"});
    send(1, 1);
    pass(50);
    send(1, 2);
    send(2, 3);
    EXPECT_EQ(world_.take(), (Seen{"to 2: 3"}));
    pass(30);
    EXPECT_EQ(world_.take(), (Seen{"to 1: 1"}));
    EXPECT_TRUE(links_.anything_waits());
    pass(50);
    EXPECT_EQ(world_.take(), (Seen{"to 1: 2"}));
    EXPECT_FALSE(links_.anything_waits());
}

TEST_F(FaultyLinksTest, what_waits_when_a_delay_is_lifted_comes_first) {
    obey({"delay 80ms from 1"});
    hear(1, 1);
    obey({});
    hear(1, 2);
    EXPECT_TRUE(world_.take().empty());
    pass(0);
    EXPECT_EQ(world_.take(), (Seen{"from 1: 1", "from 1: 2"}));
    hear(1, 3);
    EXPECT_EQ(world_.take(), (Seen{"from 1: 3"}));
}

TEST_F(FaultyLinksTest, what_is_under_way_when_the_link_is_cut_is_lost) {
    obey({"delay 80ms to 1"});
    send(1, 1);
    obey({"delay 80ms to 1", "cut to 1"});
    pass(100);
    EXPECT_TRUE(world_.take().empty());
    EXPECT_FALSE(links_.anything_waits());
}

TEST_F(FaultyLinksTest, the_longer_of_two_delays_counts) {
    obey({"delay 10ms to all", "delay 80ms to 1"});
    send(1, 1);
    send(2, 2);
    pass(10);
    EXPECT_EQ(world_.take(), (Seen{"to 2: 2"}));
    pass(70);
    EXPECT_EQ(world_.take(), (Seen{"to 1: 1"}));
}

TEST_F(FaultyLinksTest, about_as_many_are_dropped_as_was_said) {
    obey({"drop 5% to all"});
    for (int round = 0; round < 10'000; ++round) send(1, 1);
    std::size_t passed = world_.take().size();
    EXPECT_GT(passed, 9300u);
    EXPECT_LT(passed, 9700u);
    obey({"drop 100% to all"});
    for (int round = 0; round < 100; ++round) send(1, 1);
    EXPECT_TRUE(world_.take().empty());
}

TEST_F(FaultyLinksTest, no_more_waits_than_there_is_room_for) {
    obey({"delay 1h to all"});
    raft::Message large{Term(1), raft::AppendRequest{}};
    raft::Entry entry;
    entry.payload = SharedBytes::copy_of(std::string(1 << 20, 'x'));
    std::get<raft::AppendRequest>(large.body).entries.push_back(entry);
    for (int round = 0; round < 100; ++round) links_.send(NodeId(1), large);
    send(2, 7);  // another link has room of its own
    obey({});
    pass(0);
    Seen seen = world_.take();
    EXPECT_EQ(seen.back(), "to 2: 7");
    EXPECT_EQ(seen.size() - 1, (FaultyLinks::most_waiting_bytes >> 20) - 1);
    links_.send(NodeId(1), large);
    EXPECT_EQ(world_.take().size(), 1u);
}

TEST_F(FaultyLinksTest, the_end_of_a_connection_is_not_heard_over_a_cut) {
    links_.on_peer_connected(NodeId(1));
    EXPECT_EQ(world_.take(), (Seen{"connected 1"}));
    obey({"cut from 1"});
    links_.on_peer_disconnected(NodeId(1));
    EXPECT_TRUE(world_.take().empty());
    obey({});
    EXPECT_EQ(world_.take(), (Seen{"disconnected 1"}));
}

TEST_F(FaultyLinksTest, a_connection_that_was_lost_and_made_again_meanwhile_is_both) {
    links_.on_peer_connected(NodeId(1));
    obey({"cut from 1", "cut to 1"});
    links_.on_peer_disconnected(NodeId(1));
    links_.on_peer_connected(NodeId(1));
    EXPECT_EQ(world_.take(), (Seen{"connected 1"}));
    obey({"cut to 1"});
    EXPECT_EQ(world_.take(), (Seen{"disconnected 1"}));
    obey({});
    EXPECT_EQ(world_.take(), (Seen{"connected 1"}));
}

TEST_F(FaultyLinksTest, over_a_cut_nobody_connects_but_what_exists_stays) {
    links_.on_peer_connected(NodeId(1));
    obey({"cut to all"});
    links_.on_peer_connected(NodeId(2));
    EXPECT_EQ(world_.take(), (Seen{"connected 1"}));
    links_.on_peer_disconnected(NodeId(1));
    EXPECT_EQ(world_.take(), (Seen{"disconnected 1"}));
    obey({});
    EXPECT_EQ(world_.take(), (Seen{"connected 2"}));
}

}  // namespace
}  // namespace raftkv::server
