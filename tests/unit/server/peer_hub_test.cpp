#include "node/server/peer_hub.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <memory>
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
    config.cluster_id = 77;
    for (std::uint32_t id : {1, 2}) {
        ServerConfig server;
        server.id = NodeId(id);
        server.host = "127.0.0.1";
        server.log_port = free_port();
        config.servers.push_back(server);
    }
    return config;
}

raft::Message heartbeat(std::uint64_t round) {
    return {Term(3), raft::Heartbeat{LogIndex(9), round}};
}

// The peer side of one node.
struct Node final : PeerEvents {
    Node(boost::asio::io_context& io, Poller& poller, const ClusterConfig& config, NodeId id)
        : hub(io, poller, config, config.cluster_id, id, *this, MonotonicMs(0)) {
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

    PeerHub hub;
    std::unique_ptr<Listener> listener;
    bool connected = false;
    int losses = 0;
    std::vector<NodeId> senders;
    std::vector<std::uint64_t> rounds;
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
        char byte = 0;
        ssize_t count = ::recv(fd, &byte, 1, MSG_DONTWAIT);
        return count == 0 || (count < 0 && errno == ECONNRESET);
    }
    static std::string hello(std::uint64_t cluster, std::uint32_t from, std::uint32_t to) {
        std::string bytes;
        wire::encode_hello({cluster, NodeId(from), NodeId(to)}, bytes);
        return bytes;
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
    ASSERT_TRUE(happens([&] { return fd >= 0; }));
    raft::AppendRequest append;
    append.entries.push_back({LogIndex(1), Term(1), raft::EntryKind::command,
                              SharedBytes::copy_of(std::string(1u << 20, 'x'))});
    for (int i = 0; i < 100; ++i) {
        one_->hub.send(NodeId(2), {Term(1), append});
        run();
    }
    std::size_t received = 0;
    std::string buffer(1u << 20, '\0');
    ASSERT_TRUE(happens([&] {
        ssize_t count = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
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

}  // namespace
}  // namespace raftkv::server
