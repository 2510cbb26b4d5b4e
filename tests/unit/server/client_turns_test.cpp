// However much clients send or take at once, a turn of the event loop does only so much of it.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include "node/server/client_hub.hpp"
#include "node/server/wakeup.hpp"

namespace raftkv::server {
namespace {

using protocol::ReplyKind;

// About what a turn may read, take and send (client_hub.cpp), and a thing more.
constexpr std::size_t turn_bytes = 1 << 20;

class CountingReplica final : public CommandSink {
  public:
    void submit(replica::ClientToken client, const protocol::Request&, bool) override {
        ++taken[client.session];
        clients.push_back(client);
    }

    std::map<std::uint64_t, std::size_t> taken;
    std::vector<replica::ClientToken> clients;
};

class ClientTurnsTest : public testing::Test {
  protected:
    ~ClientTurnsTest() override {
        for (int fd : clients_) ::close(fd);
    }

    int connect() {
        std::array<int, 2> pair{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()), 0);
        int bytes = 4 << 20;
        ::setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
        hub_.adopt(pair[0]);
        clients_.push_back(pair[1]);
        return pair[1];
    }
    // As much as there is room for.
    static std::size_t send(int fd, std::string_view bytes) {
        std::size_t sent = 0;
        for (ssize_t count = 0; sent < bytes.size(); sent += static_cast<std::size_t>(count)) {
            count = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (count <= 0) break;
        }
        return sent;
    }
    static std::string deletes(int count) {
        std::string all;
        for (int i = 0; i < count; ++i) all += "delete k\n";
        return all;
    }
    std::size_t taken() const {
        std::size_t all = 0;
        for (const auto& [session, count] : replica_.taken) all += count;
        return all;
    }
    void turn() {
        io_.poll_one();
        hub_.end_of_turn();
    }

    static ClientLimits limits() {
        ClientLimits limits;
        limits.max_unanswered = 1'000'000;
        limits.max_unanswered_bytes = 1 << 30;
        return limits;
    }

    boost::asio::io_context io_;
    Poller poller_{io_};
    CountingReplica replica_;
    ClientHub hub_{poller_, replica_, limits(), MonotonicMs(0)};
    std::vector<int> clients_;
};

TEST_F(ClientTurnsTest, takes_no_more_commands_than_it_may_and_from_each_in_turn) {
    constexpr int each = 6000;
    constexpr std::size_t connections = 6, most = turn_bytes / 512 + 128;
    for (std::size_t i = 0; i < connections; ++i) send(connect(), deletes(each));
    std::size_t before = 0;
    for (int turns = 0; taken() < connections * each; ++turns) {
        ASSERT_LT(turns, 200);
        turn();
        // What is left of the budget of one turn, and all of the next one's.
        EXPECT_LE(taken() - before, 2 * most);
        before = taken();
        if (turns == 12) {
            EXPECT_EQ(replica_.taken.size(), connections) << "nobody waits for the others' ends";
        }
    }
}

TEST_F(ClientTurnsTest, reads_no_more_than_it_may) {
    const std::string set = "set k 0 60000\n" + std::string(60'000, 'v') + "\n";
    for (int i = 0; i < 60; ++i) send(connect(), set);
    std::size_t before = 0;
    for (int turns = 0; taken() < 60; ++turns) {
        ASSERT_LT(turns, 200);
        turn();
        EXPECT_LE((taken() - before) * set.size(), 2 * (turn_bytes + (64 << 10)));
        before = taken();
    }
}

TEST_F(ClientTurnsTest, clients_that_take_their_replies_at_once_get_them_little_by_little) {
    const std::string value(512 << 10, 'v');
    for (int i = 0; i < 40; ++i) send(connect(), "get k\nget k\n");
    for (int i = 0; i < 20; ++i) turn();
    ASSERT_EQ(replica_.clients.size(), 80u);
    protocol::Reply reply;
    reply.kind = ReplyKind::value;
    reply.value = value;
    for (const auto& client : replica_.clients) {
        hub_.reply(client, reply);
        hub_.end_of_turn();
    }
    std::size_t received = 0;
    std::string scratch(1 << 20, '\0');
    const auto drain = [&] {
        for (int fd : clients_) {
            ssize_t count = 0;
            while ((count = ::recv(fd, scratch.data(), scratch.size(), 0)) > 0)
                received += static_cast<std::size_t>(count);
        }
    };
    drain();
    const std::size_t all = 80 * (value.size() + std::string_view("VALUE 524288\r\n\r\n").size());
    for (int turns = 0; received < all; ++turns) {
        ASSERT_LT(turns, 2000);
        const std::size_t before = received;
        turn();
        drain();
        EXPECT_LE(received - before, 2 * (turn_bytes + value.size()));
    }
}

TEST_F(ClientTurnsTest, who_is_urgent_does_not_wait_for_a_crowd) {
    int woken = 0;
    Wakeup wakeup(poller_, [&] { ++woken; });
    io_.poll_one();
    woken = 0;
    // More than are looked at in one round, and each is ready again and again.
    for (int i = 0; i < 300; ++i) send(connect(), deletes(500));
    turn();
    wakeup.notify();
    turn();
    turn();
    EXPECT_GT(woken, 0);
}

TEST_F(ClientTurnsTest, time_limits_are_looked_at_for_some_at_a_time) {
    for (int i = 0; i < 200; ++i) send(connect(), "delete half of it");
    for (int i = 0; i < 10; ++i) turn();
    ASSERT_EQ(hub_.connections(), 200u);
    std::size_t before = 200;
    for (std::size_t i = 0; i < ClientHub::sweeps_for_all; ++i) {
        hub_.sweep(MonotonicMs(limits().half_command_ms + 1));
        turn();
        EXPECT_LE(before - hub_.connections(), 64u);
        before = hub_.connections();
    }
    EXPECT_EQ(hub_.connections(), 0u);
}

}  // namespace
}  // namespace raftkv::server
