#include "node/server/peer_hub.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node/server/listener.hpp"
#include "node/wire/peer_codec.hpp"
#include "tests/unit/server/loopback.hpp"
#include "tests/unit/server/wait.hpp"

namespace raftkv::server {
namespace {

ClusterConfig config_of_two() {
    ClusterConfig config;
    for (std::uint32_t id : {1, 2}) {
        ServerConfig server;
        server.id = NodeId(id);
        server.host = "127.0.0.1";
        server.log_port = free_port();
        config.servers.push_back(server);
    }
    return config;
}

std::uint64_t folder_of(NodeId id) {
    return 1000 + id.value();
}

// Without folders: those of the first members are not known.
raft::MembershipAt members_of(const std::vector<std::uint32_t>& ids) {
    std::vector<NodeId> servers;
    for (std::uint32_t id : ids) servers.push_back(NodeId(id));
    return {LogIndex(0), raft::first_membership(servers)};
}

raft::Message heartbeat(std::uint64_t round) {
    return {Term(3), raft::Heartbeat{LogIndex(9), round}};
}

// The peer side of one node.
struct Node final : PeerEvents {
    Node(boost::asio::io_context& io, Poller& poller, const ClusterConfig& config, NodeId id)
        : hub(io, poller, config,
              {.id = id,
               .folder = folder_of(id),
               .host = "127.0.0.1",
               .log_port = config.find(id)->log_port},
              *this, MonotonicMs(0)) {
        hub.set_members(members_of({1, 2}), members_of({1, 2}));
        hub.set_claim({77}, true);
        const ServerConfig& self = *config.find(id);
        auto opened = Listener::open(io, self.host, self.log_port, "LogPort",
                                     [this](int fd) { hub.adopt(fd); });
        EXPECT_TRUE(opened.ok());
        listener = std::move(opened).value();
        EXPECT_TRUE(listener->start().ok());
    }

    void on_message(NodeId from, raft::Message message) override {
        senders.push_back(from);
        rounds.push_back(std::get<raft::Heartbeat>(message.body).round);
    }
    void on_peer_connected(NodeId) override { connected = true; }
    void on_peer_disconnected(NodeId) override {
        connected = false;
        ++losses;
    }
    void on_peer_folder(NodeId peer, std::uint64_t folder) override { folders[peer] = folder; }
    void on_hello(const wire::Hello& hello) override { hellos.push_back(hello); }
    void on_refused(NodeId, const wire::Refusal& refusal) override { refusals.push_back(refusal); }

    PeerHub hub;
    std::unique_ptr<Listener> listener;
    bool connected = false;
    int losses = 0;
    std::vector<NodeId> senders;
    std::vector<std::uint64_t> rounds;
    std::map<NodeId, std::uint64_t> folders;
    std::vector<wire::Hello> hellos;
    std::vector<wire::Refusal> refusals;
};

class PeerHubTest : public testing::Test {
  protected:
    std::unique_ptr<Node> start(std::uint32_t id) {
        auto node = std::make_unique<Node>(io_, poller_, config_, NodeId(id));
        node->hub.start();
        return node;
    }
    void run() {
        io_.poll();
        if (one_) one_->hub.end_of_turn();
        if (two_) two_->hub.end_of_turn();
    }
    template <class Question>
    bool happens(Question question) {
        return comes_true([&] {
            run();
            return question();
        });
    }
    bool both_connect() {
        one_ = start(1);
        two_ = start(2);
        return happens([&] { return one_->connected && two_->connected; });
    }
    int call_one() { return connect_to("127.0.0.1", config_.servers[0].log_port); }
    // Whether node 1 ends a connection that says these bytes.
    bool is_refused(const std::string& bytes) {
        int fd = call_one();
        EXPECT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
        bool refused = happens([&] { return has_ended(fd); });
        ::close(fd);
        return refused;
    }
    static bool has_ended(int fd) {
        char bytes[1000];
        ssize_t count = 0;
        while ((count = ::recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
        }
        return count == 0 || errno == ECONNRESET;
    }
    static std::string hello(std::uint64_t cluster, std::uint32_t from, std::uint32_t to) {
        std::string bytes;
        wire::encode_hello({.cluster_id = cluster, .from = NodeId(from), .to = NodeId(to)}, bytes);
        return bytes;
    }
    // What node 1 says before it ends a connection that begins like this.
    std::optional<wire::Refusal> answer_to(const wire::Hello& hello) {
        std::string bytes, answer;
        wire::encode_hello(hello, bytes);
        int fd = call_one();
        ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        EXPECT_TRUE(happens([&] {
            char buffer[100];
            ssize_t count = ::recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
            if (count > 0) answer.append(buffer, static_cast<std::size_t>(count));
            return count == 0;
        }));
        ::close(fd);
        return wire::read_refusal(answer);
    }
    // Says this to node 1, and keeps the connection.
    int say_to_one(const wire::Hello& hello) {
        std::string bytes;
        wire::encode_hello(hello, bytes);
        int fd = call_one();
        ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        return fd;
    }
    // A port of ours that counts who connects to it.
    struct Ear {
        std::uint16_t port = free_port();
        std::unique_ptr<Listener> listener;
        std::vector<int> calls;
        ~Ear() {
            for (int fd : calls) ::close(fd);
        }
    };
    void listen(Ear& ear) {
        auto opened = Listener::open(io_, "127.0.0.1", ear.port, "LogPort",
                                     [&ear](int fd) { ear.calls.push_back(fd); });
        ASSERT_TRUE(opened.ok() && (*opened)->start().ok());
        ear.listener = std::move(opened).value();
    }
    // Somebody unknown who says that the membership has changed.
    static wire::Hello newcomer(std::uint32_t id, std::uint16_t port) {
        return {.cluster_id = 77,
                .from = NodeId(id),
                .to = NodeId(1),
                .folder = 5,
                .members_index = LogIndex(40),
                .host = "127.0.0.1",
                .log_port = port};
    }
    // Members 1 and 2 with their folders, as entry 30 says.
    static raft::MembershipAt known() {
        raft::MembershipAt known = members_of({1, 2});
        for (raft::Member& member : known.members.members) member.folder = folder_of(member.id);
        known.index = LogIndex(30);
        return known;
    }

    boost::asio::io_context io_;
    Poller poller_{io_};
    ClusterConfig config_ = config_of_two();
    std::unique_ptr<Node> one_, two_;
};

TEST_F(PeerHubTest, messages_arrive_in_order_with_their_sender) {
    ASSERT_TRUE(both_connect());
    for (std::uint64_t round = 1; round <= 100; ++round)
        one_->hub.send(NodeId(2), heartbeat(round));
    ASSERT_TRUE(happens([&] { return two_->rounds.size() == 100; }));
    for (std::uint64_t round = 1; round <= 100; ++round) {
        EXPECT_EQ(two_->rounds[round - 1], round);
        EXPECT_EQ(two_->senders[round - 1], NodeId(1));
    }
}

TEST_F(PeerHubTest, the_end_of_a_peer_is_known_at_once_and_its_return_too) {
    ASSERT_TRUE(both_connect());
    two_.reset();
    ASSERT_TRUE(happens([&] { return !one_->connected; }));
    EXPECT_EQ(one_->losses, 1);
    two_ = start(2);
    ASSERT_TRUE(happens([&] { return one_->connected && two_->connected; }));
    one_->hub.send(NodeId(2), heartbeat(5));
    EXPECT_TRUE(happens([&] { return two_->rounds == std::vector<std::uint64_t>{5}; }));
}

TEST_F(PeerHubTest, messages_to_a_peer_that_is_not_there_are_dropped) {
    one_ = start(1);
    one_->hub.send(NodeId(2), heartbeat(1));
    one_->hub.send(NodeId(9), heartbeat(1));
    two_ = start(2);
    ASSERT_TRUE(happens([&] { return one_->connected && two_->connected; }));
    one_->hub.send(NodeId(2), heartbeat(2));
    ASSERT_TRUE(happens([&] { return !two_->rounds.empty(); }));
    EXPECT_EQ(two_->rounds, (std::vector<std::uint64_t>{2}));
}

TEST_F(PeerHubTest, a_peer_that_does_not_read_costs_a_bounded_queue) {
    one_ = start(1);
    int fd = -1;
    auto opened = Listener::open(io_, "127.0.0.1", config_.servers[1].log_port, "LogPort",
                                 [&](int accepted) { fd = accepted; });
    ASSERT_TRUE(opened.ok() && (*opened)->start().ok());
    std::string buffer(1u << 20, '\0');
    const auto receive = [&] { return ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT); };
    // What is sent before both ends know of the connection is dropped.
    ASSERT_TRUE(happens([&] { return fd >= 0 && receive() > 0; })) << "there is no hello";
    raft::AppendRequest append;
    append.entries.push_back({LogIndex(1), Term(1), raft::EntryKind::command,
                              SharedBytes::copy_of(std::string(1u << 20, 'x'))});
    for (int i = 0; i < 100; ++i) {
        one_->hub.send(NodeId(2), {Term(1), append});
        run();
    }
    std::size_t received = 0;
    ASSERT_TRUE(happens([&] {
        const ssize_t count = receive();
        if (count > 0) received += static_cast<std::size_t>(count);
        return count < 0;
    }));
    EXPECT_GT(received, 10u << 20);
    EXPECT_LT(received, 40u << 20);  // the queue, and what two socket buffers hold
    ::close(fd);
}

TEST_F(PeerHubTest, strangers_are_refused) {
    one_ = start(1);
    EXPECT_TRUE(is_refused(hello(78, 2, 1))) << "another cluster";
    EXPECT_TRUE(is_refused(hello(77, 2, 2))) << "meant for another node";
    EXPECT_TRUE(is_refused(hello(77, 9, 1))) << "no such node";
    EXPECT_TRUE(is_refused(hello(77, 1, 1))) << "claims to be this node";
    EXPECT_TRUE(is_refused("GET / HTTP/1.1\r\nHost: here\r\n\r\n"));
    EXPECT_TRUE(is_refused(std::string(300, '\xff')));
    std::string frame;
    wire::encode_frame(heartbeat(1), frame);
    EXPECT_TRUE(is_refused(frame)) << "no Hello";
    EXPECT_TRUE(is_refused(hello(77, 2, 1) + std::string(64, '\xff'))) << "garbage after it";
    EXPECT_TRUE(is_refused(hello(77, 2, 1) + hello(77, 2, 1))) << "a second Hello";
    EXPECT_FALSE(one_->connected);
    EXPECT_TRUE(one_->rounds.empty());
}

TEST_F(PeerHubTest, a_stranger_that_says_nothing_is_closed) {
    one_ = start(1);
    int fd = call_one();
    run();
    one_->hub.sweep(MonotonicMs(1500));
    run();
    EXPECT_FALSE(has_ended(fd));
    one_->hub.sweep(MonotonicMs(2500));
    EXPECT_TRUE(happens([&] { return has_ended(fd); }));
    ::close(fd);
}

TEST_F(PeerHubTest, a_crowd_of_strangers_does_not_keep_a_peer_out) {
    one_ = start(1);
    std::vector<int> crowd;
    for (int i = 0; i < 200; ++i) crowd.push_back(call_one());
    ASSERT_TRUE(happens([&] { return has_ended(crowd.front()); }));
    two_ = start(2);
    EXPECT_TRUE(happens([&] { return one_->connected && two_->connected; }));
    for (int fd : crowd) ::close(fd);
}

TEST_F(PeerHubTest, a_second_connection_of_a_peer_replaces_the_first) {
    one_ = start(1);
    std::string bytes = hello(77, 2, 1);
    std::string frame;
    wire::encode_frame(heartbeat(4), frame);
    int first = call_one(), second = -1;
    ::send(first, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    run();
    second = call_one();
    bytes += frame;
    ::send(second, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    EXPECT_TRUE(happens([&] { return has_ended(first) && !one_->rounds.empty(); }));
    EXPECT_FALSE(has_ended(second));
    ::close(first);
    ::close(second);
}

TEST_F(PeerHubTest, tells_which_folder_a_peer_has) {
    ASSERT_TRUE(both_connect());
    EXPECT_EQ(one_->folders[NodeId(2)], folder_of(NodeId(2)));
    EXPECT_EQ(two_->folders[NodeId(1)], folder_of(NodeId(1)));
}

TEST_F(PeerHubTest, says_why_it_refuses) {
    using Reason = wire::Refusal::Reason;
    one_ = start(1);
    raft::MembershipAt known = PeerHubTest::known();
    known.members.retired.push_back({NodeId(3), 33});
    one_->hub.set_members(known, known);
    wire::Hello hello{.cluster_id = 77, .from = NodeId(2), .to = NodeId(1), .folder = 1};
    hello.members_index = LogIndex(30);
    EXPECT_EQ(answer_to(hello), (wire::Refusal{Reason::other_folder, LogIndex(30), 77}));
    hello.from = NodeId(4);
    EXPECT_EQ(answer_to(hello), (wire::Refusal{Reason::not_a_member, LogIndex(30), 77}));
    hello.from = NodeId(3);
    hello.folder = 33;
    EXPECT_EQ(answer_to(hello), (wire::Refusal{Reason::removed, LogIndex(30), 77}));
    hello.members_index = LogIndex(31);
    EXPECT_EQ(answer_to(hello), (wire::Refusal{Reason::removed, LogIndex(30), 77})) << "whatever";
    hello.cluster_id = 78;
    EXPECT_EQ(answer_to(hello), (wire::Refusal{Reason::other_cluster, LogIndex(30), 77}));
}

// Another cluster's data has equal indexes and terms at worst: it is told by its identity.
TEST_F(PeerHubTest, an_empty_node_is_let_in_by_its_folder_alone) {
    using Reason = wire::Refusal::Reason;
    one_ = start(1);
    one_->hub.set_members(PeerHubTest::known(), PeerHubTest::known());
    wire::Hello hello{.from = NodeId(2), .to = NodeId(1), .folder = 1};
    EXPECT_EQ(answer_to(hello), (wire::Refusal{Reason::other_folder, LogIndex(30), 77}));
    hello.founding = 78;  // of a cluster that never was
    EXPECT_EQ(answer_to(hello), (wire::Refusal{Reason::other_folder, LogIndex(30), 77}));
    hello.folder = folder_of(NodeId(2));
    const int fd = say_to_one(hello);
    EXPECT_TRUE(happens([&] { return one_->folders.contains(NodeId(2)); }));
    ::close(fd);
}

TEST_F(PeerHubTest, who_belongs_to_no_cluster_listens_to_nobody_that_does) {
    one_ = start(1);
    one_->hub.set_claim({}, true);
    EXPECT_TRUE(is_refused(hello(77, 2, 1)));
    EXPECT_EQ(one_->hellos.size(), 1u) << "but hears of it";
    EXPECT_EQ(one_->hellos.front().cluster_id, 77u);
    one_->hub.set_claim({}, false);
    EXPECT_TRUE(is_refused(hello(0, 2, 1))) << "nor to others, while it may not make one";
    one_->hub.set_claim({.cluster = 0, .founding = 5, .founding_term = Term(1)}, true);
    wire::Hello rival{.from = NodeId(2), .to = NodeId(1), .founding = 6, .founding_term = Term(1)};
    EXPECT_EQ(answer_to(rival)->reason, wire::Refusal::Reason::other_cluster);
}

TEST_F(PeerHubTest, two_empty_nodes_meet_and_stay_together_when_they_made_a_cluster) {
    one_ = start(1);
    one_->hub.set_claim({}, true);
    two_ = start(2);
    two_->hub.set_claim({}, true);
    ASSERT_TRUE(happens([&] { return one_->connected && two_->connected; }));
    one_->hub.set_claim({.cluster = 0, .founding = 5, .founding_term = Term(1)}, true);
    one_->hub.set_claim({5}, true);
    two_->hub.set_claim({.cluster = 0, .founding = 5, .founding_term = Term(1)}, true);
    two_->hub.set_claim({5}, true);
    run();
    EXPECT_EQ(one_->losses + two_->losses, 0);
}

TEST_F(PeerHubTest, whom_a_change_removes_that_may_be_taken_back_is_let_in) {
    one_ = start(1);
    raft::MembershipAt known = PeerHubTest::known();
    const raft::MembershipAt applied = known;
    known.members.members.pop_back();
    known.members.retired.push_back({NodeId(2), folder_of(NodeId(2))});
    known.index = LogIndex(31);
    one_->hub.set_members(known, applied);
    two_ = start(2);
    ASSERT_TRUE(happens([&] { return two_->connected; }));
    EXPECT_TRUE(two_->refusals.empty());
}

TEST_F(PeerHubTest, a_refusal_reaches_the_one_that_called) {
    one_ = start(1);
    raft::MembershipAt known = PeerHubTest::known();
    known.members.members.pop_back();
    known.members.retired.push_back({NodeId(2), folder_of(NodeId(2))});
    one_->hub.set_members(known, known);
    two_ = start(2);
    ASSERT_TRUE(happens([&] { return !two_->refusals.empty(); }));
    EXPECT_EQ(two_->refusals.front(),
              (wire::Refusal{wire::Refusal::Reason::removed, LogIndex(30), 77}));
    EXPECT_FALSE(two_->connected);
}

TEST_F(PeerHubTest, whoever_sends_garbage_in_the_place_of_a_refusal_is_left) {
    one_ = start(1);
    Ear ear;
    ear.port = config_.servers[1].log_port;
    listen(ear);
    ASSERT_TRUE(happens([&] { return ear.calls.size() == 1; }));
    const std::string garbage(1000, 'x');
    ::send(ear.calls[0], garbage.data(), garbage.size(), MSG_NOSIGNAL);
    EXPECT_TRUE(happens([&] { return ear.calls.size() == 2; })) << "connects again";
    EXPECT_TRUE(one_->refusals.empty());
}

// Whatever a caller says of itself: it is no member, and nobody connects to where it says it is.
TEST_F(PeerHubTest, a_stranger_is_refused_and_not_called_back_whatever_it_claims) {
    one_ = start(1);
    one_->hub.set_members(known(), known());
    Ear ear;
    listen(ear);
    wire::Hello hello = newcomer(3, ear.port);
    for (const std::uint64_t index : {0ull, 30ull, 40ull, ~0ull}) {
        hello.members_index = LogIndex(index);
        EXPECT_EQ(answer_to(hello),
                  (wire::Refusal{wire::Refusal::Reason::not_a_member, LogIndex(30), 77}));
    }
    // Nor as a member with another folder.
    hello.from = NodeId(2);
    EXPECT_EQ(answer_to(hello),
              (wire::Refusal{wire::Refusal::Reason::other_folder, LogIndex(30), 77}));
    // A member says that it has moved: the membership does not.
    hello.folder = folder_of(NodeId(2));
    const int fd = say_to_one(hello);
    ASSERT_TRUE(happens([&] { return one_->folders.contains(NodeId(2)); }));
    for (int i = 0; i < 100; ++i) run();
    EXPECT_TRUE(ear.calls.empty());
    ::close(fd);
}

TEST_F(PeerHubTest, a_stranger_does_not_take_the_place_of_a_member) {
    ASSERT_TRUE(both_connect());
    one_->hub.set_members(known(), known());
    wire::Hello hello = newcomer(2, 9);
    hello.members_index = LogIndex(~0ull);
    EXPECT_EQ(answer_to(hello),
              (wire::Refusal{wire::Refusal::Reason::other_folder, LogIndex(30), 77}));
    for (int i = 0; i < 100; ++i) run();
    EXPECT_TRUE(one_->connected);
    EXPECT_EQ(one_->losses, 0);
    EXPECT_EQ(one_->folders[NodeId(2)], folder_of(NodeId(2)));
}

// A node that was away while members changed: those that it knows tell it of the others, before it
// has heard from a leader that it does not know.
TEST_F(PeerHubTest, whom_it_connects_to_tells_a_node_of_members_that_it_does_not_know) {
    ASSERT_TRUE(both_connect());
    Ear ear;
    listen(ear);
    raft::MembershipAt newer = known();
    raft::MemberAddress address;
    address.host = "127.0.0.1";
    address.log_port = ear.port;
    newer.members.members.push_back(
        {NodeId(3), raft::Member::Kind::voter, 5, address, std::nullopt});
    two_->hub.set_members(newer, newer);
    ASSERT_TRUE(happens([&] { return ear.calls.size() == 2; })) << "by both";
    const int fd = say_to_one(newcomer(3, 0));
    EXPECT_TRUE(happens([&] { return one_->hub.is_connected(NodeId(3)); }));
    ::close(fd);
    // What its own log says since counts.
    raft::MembershipAt own = known();
    own.index = LogIndex(35);
    one_->hub.set_members(own, own);
    EXPECT_TRUE(happens([&] { return !one_->hub.is_connected(NodeId(3)); }));
}

TEST_F(PeerHubTest, connects_to_who_is_added_and_leaves_who_is_removed) {
    one_ = start(1);
    Ear ear;
    listen(ear);
    raft::MembershipAt added = known();
    raft::MemberAddress address;
    address.host = "127.0.0.1";
    address.log_port = ear.port;
    added.members.members.push_back(
        {NodeId(3), raft::Member::Kind::joining, 5, address, std::nullopt});
    one_->hub.set_members(added, added);
    ASSERT_TRUE(happens([&] { return ear.calls.size() == 1; }));
    wire::Hello hello = newcomer(3, ear.port);
    hello.members_index = LogIndex(0);
    int fd = say_to_one(hello);
    ASSERT_TRUE(happens([&] { return one_->hub.is_connected(NodeId(3)); }));

    raft::MembershipAt removed = known();
    removed.members.retired.push_back({NodeId(3), 5});
    removed.index = LogIndex(50);
    one_->hub.sweep(MonotonicMs(1000));
    one_->hub.set_members(removed, removed);
    run();
    EXPECT_TRUE(one_->hub.is_connected(NodeId(3))) << "it has yet to be told";
    one_->hub.sweep(MonotonicMs(12'000));
    EXPECT_TRUE(happens([&] { return has_ended(fd) && has_ended(ear.calls[0]); }));
    EXPECT_FALSE(one_->hub.is_connected(NodeId(3)));
    ::close(fd);
}

TEST_F(PeerHubTest, a_connection_ends_when_its_folder_turns_out_to_be_another) {
    ASSERT_TRUE(both_connect());
    raft::MembershipAt other = known();
    other.members.members[1].folder = 1;
    one_->hub.set_members(other, other);
    EXPECT_TRUE(happens([&] { return !one_->connected && !two_->refusals.empty(); }));
    EXPECT_EQ(two_->refusals.front().reason, wire::Refusal::Reason::other_folder);
}

TEST_F(PeerHubTest, follows_a_member_to_another_address) {
    one_ = start(1);
    Ear before, after;
    before.port = config_.servers[1].log_port;
    listen(before);
    listen(after);
    ASSERT_TRUE(happens([&] { return before.calls.size() == 1; }));
    raft::MembershipAt moved = known();
    raft::MemberAddress address;
    address.host = "127.0.0.1";
    address.log_port = after.port;
    moved.members.members[1].address = address;
    one_->hub.set_members(moved, moved);
    EXPECT_TRUE(happens([&] { return after.calls.size() == 1 && has_ended(before.calls[0]); }));
}

}  // namespace
}  // namespace raftkv::server
