#include "node/server/peer_contacts.hpp"

#include <gtest/gtest.h>

#include <variant>
#include <vector>

namespace raftkv::server {
namespace {

class Sent final : public replica::NetworkPort {
  public:
    void send(NodeId to, const raft::Message& message) override {
        EXPECT_TRUE(std::holds_alternative<raft::HeartbeatResponse>(message.body));
        EXPECT_EQ(message.term, Term(0));
        to_.push_back(to.value());
    }
    std::vector<std::uint32_t> take() { return std::exchange(to_, {}); }

  private:
    std::vector<std::uint32_t> to_;
};

class PeerContactsTest : public testing::Test {
  protected:
    void tick(std::int64_t ms) { contacts_.tick(MonotonicMs(ms), standing_, members_, network_); }

    const std::vector<NodeId> ids_{NodeId(0), NodeId(1), NodeId(2)};
    const raft::Membership members_ = raft::first_membership(ids_);
    replica::Standing standing_;
    Sent network_;
    PeerContacts contacts_{NodeId(0), 50};
};

TEST_F(PeerContactsTest, heard_is_who_said_something_within_two_heartbeats) {
    tick(1000);
    EXPECT_FALSE(contacts_.is_heard(NodeId(1)));
    contacts_.heard(NodeId(1));
    for (std::int64_t now = 1005; now <= 1100; now += 5) {
        tick(now);
        EXPECT_TRUE(contacts_.is_heard(NodeId(1))) << now;
    }
    tick(1105);
    EXPECT_FALSE(contacts_.is_heard(NodeId(1)));
}

TEST_F(PeerContactsTest, what_was_not_read_while_this_process_stood_still_is_no_silence) {
    tick(1000);
    contacts_.heard(NodeId(1));
    tick(5000);
    EXPECT_TRUE(contacts_.is_heard(NodeId(1)));
    for (std::int64_t now = 5005; now <= 5200; now += 5) tick(now);
    EXPECT_FALSE(contacts_.is_heard(NodeId(1)));
}

TEST_F(PeerContactsTest, followers_greet_all_but_the_leader_and_a_leader_nobody) {
    standing_.leader = NodeId(2);
    tick(1000);
    EXPECT_EQ(network_.take(), (std::vector<std::uint32_t>{1}));
    tick(1045);
    EXPECT_TRUE(network_.take().empty());
    tick(1050);
    EXPECT_EQ(network_.take(), (std::vector<std::uint32_t>{1}));
    standing_.leader.reset();
    tick(1100);
    EXPECT_EQ(network_.take(), (std::vector<std::uint32_t>{1, 2}));
    standing_.role = raft::Role::leader;
    standing_.leader = NodeId(0);
    tick(1200);
    EXPECT_TRUE(network_.take().empty());
}

}  // namespace
}  // namespace raftkv::server
