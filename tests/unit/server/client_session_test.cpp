#include "node/server/client_session.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <string>
#include <vector>

#include "node/server/client_hub.hpp"
#include "tests/unit/server/wait.hpp"

namespace raftkv::server {
namespace {

using protocol::Op;
using protocol::ReplyKind;

// Takes commands, and answers when the test says so.
class FakeReplica final : public CommandSink {
  public:
    struct Taken {
        replica::ClientToken client;
        Op op;
        std::string key, value;
        bool behind_writes = false;
    };

    void submit(replica::ClientToken client, const protocol::Request& request,
                bool behind_writes) override {
        taken.push_back({client, request.op, std::string(request.key), std::string(request.value),
                         behind_writes});
    }

    std::deque<Taken> taken;
};

class ClientSessionTest : public testing::Test {
  protected:
    void SetUp() override { client_ = connect(); }
    void TearDown() override { ::close(client_); }

    int connect() {
        std::array<int, 2> pair{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()), 0);
        hub_.adopt(pair[0]);
        return pair[1];
    }

    // Lets the node handle all that is there to handle.
    void run() {
        do {
            while (io_.poll_one() > 0) hub_.end_of_turn();
        } while (hub_.end_of_turn());
    }
    void say(std::string_view bytes) {
        while (!bytes.empty()) {
            ssize_t count = ::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
            run();
            if (count <= 0) return;
        }
    }
    // One read: what came in one write, if nothing else is waiting.
    std::string hear() {
        run();
        std::string bytes(1u << 20, '\0');
        ssize_t count = ::recv(client_, bytes.data(), bytes.size(), 0);
        bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return bytes;
    }
    bool ended() {
        run();
        char byte = 0;
        return ::recv(client_, &byte, 1, 0) == 0;
    }

    void answer(const FakeReplica::Taken& command, ReplyKind kind, std::uint64_t version = 0,
                std::string_view value = "") {
        protocol::Reply reply;
        reply.kind = kind;
        reply.version = version;
        reply.value = value;
        hub_.reply(command.client, reply);
    }
    FakeReplica::Taken take() {
        EXPECT_FALSE(replica_.taken.empty());
        FakeReplica::Taken command = replica_.taken.front();
        replica_.taken.pop_front();
        return command;
    }

    static ClientLimits limits() {
        ClientLimits limits;
        limits.max_connections = 5;
        limits.max_unanswered = 8;
        limits.max_unanswered_bytes = 1000;
        limits.max_buffered_bytes = 4'000'000;
        return limits;
    }

    boost::asio::io_context io_;
    Poller poller_{io_};
    FakeReplica replica_;
    ClientHub hub_{poller_, replica_, limits(), MonotonicMs(0)};
    int client_ = -1;
};

TEST_F(ClientSessionTest, a_command_reaches_the_replica_and_its_reply_the_client) {
    say("set a 0 5\r\nhello\r\n");
    FakeReplica::Taken set = take();
    EXPECT_EQ(set.key, "a");
    EXPECT_EQ(set.value, "hello");
    answer(set, ReplyKind::ok, 7);
    EXPECT_EQ(hear(), "OK 7\r\n");
}

TEST_F(ClientSessionTest, however_it_is_cut_a_dialogue_is_the_same) {
    std::string dialogue = "set a 0 5\r\nhello\r\n\r\nget a\r\ndjsbkv\r\nset a 0 x\r\n";
    for (std::size_t piece = 1; piece < 9; ++piece) {
        std::string heard;
        for (std::size_t at = 0; at < dialogue.size(); at += piece) {
            say(dialogue.substr(at, piece));
            while (!replica_.taken.empty()) {
                FakeReplica::Taken command = take();
                if (command.op == Op::set)
                    answer(command, ReplyKind::ok, 1);
                else
                    answer(command, ReplyKind::value, 0, "hello");
                run();
            }
            heard += hear();
        }
        EXPECT_EQ(heard, "OK 1\r\nVALUE 5\r\nhello\r\nERR_CMD_ERR\r\nERR_CMD_ERR\r\n");
    }
}

TEST_F(ClientSessionTest, replies_keep_the_order_of_the_requests_and_leave_in_one_write) {
    say("get a\nget b\nget c\n");
    FakeReplica::Taken a = take(), b = take(), c = take();
    answer(c, ReplyKind::value, 0, "3");
    answer(a, ReplyKind::value, 0, "1");
    answer(b, ReplyKind::not_found);
    EXPECT_EQ(hear(), "VALUE 1\r\n1\r\nERR_NOT_FOUND\r\nVALUE 1\r\n3\r\n");
}

TEST_F(ClientSessionTest, a_refused_command_waits_for_the_replies_before_it) {
    say("get a\nnonsense\n");
    EXPECT_EQ(hear(), "");
    answer(take(), ReplyKind::not_found);
    EXPECT_EQ(hear(), "ERR_NOT_FOUND\r\nERR_CMD_ERR\r\n");
}

TEST_F(ClientSessionTest, reads_and_writes_do_not_wait_for_each_other) {
    say("get a\nset a 0 1\n1\nget a\nset b 0 1\n2\nget b\n");
    ASSERT_EQ(replica_.taken.size(), 5u);
    FakeReplica::Taken before = take(), a = take(), behind_a = take(), b = take(),
                       behind_b = take();
    EXPECT_FALSE(before.behind_writes);
    EXPECT_TRUE(behind_a.behind_writes);
    EXPECT_TRUE(behind_b.behind_writes);
    answer(behind_b, ReplyKind::value, 0, "2");
    answer(before, ReplyKind::not_found);
    answer(a, ReplyKind::ok, 1);
    answer(b, ReplyKind::ok, 2);
    EXPECT_EQ(hear(), "ERR_NOT_FOUND\r\nOK 1\r\n");
    answer(behind_a, ReplyKind::value, 0, "1");
    EXPECT_EQ(hear(), "VALUE 1\r\n1\r\nOK 2\r\nVALUE 1\r\n2\r\n");
    say("get c\n");
    EXPECT_FALSE(take().behind_writes) << "all are answered";
}

TEST_F(ClientSessionTest, a_client_that_has_sent_all_still_gets_every_reply) {
    say("set a 0 1\n1\nget a\nget unfinished");
    ::shutdown(client_, SHUT_WR);
    run();
    answer(take(), ReplyKind::ok, 1);
    answer(take(), ReplyKind::value, 0, "1");
    EXPECT_EQ(hear(), "OK 1\r\nVALUE 1\r\n1\r\n");
    EXPECT_TRUE(ended());
    EXPECT_TRUE(replica_.taken.empty());
    EXPECT_EQ(hub_.connections(), 0u);
}

TEST_F(ClientSessionTest, a_reply_to_a_connection_that_is_gone_goes_nowhere) {
    say("get a\n");
    FakeReplica::Taken get = take();
    ::close(client_);
    run();
    // The client closed both ways; its place is taken by another one.
    answer(get, ReplyKind::not_found);
    run();
    client_ = connect();
    answer(get, ReplyKind::not_found);
    EXPECT_EQ(hear(), "");
    say("get b\n");
    answer(take(), ReplyKind::value, 0, "b");
    EXPECT_EQ(hear(), "VALUE 1\r\nb\r\n");
}

TEST_F(ClientSessionTest, a_header_over_its_limit_is_refused_and_ends_the_connection) {
    say(std::string(3000, 'x'));
    EXPECT_EQ(hear(), "ERR_CMD_ERR\r\n");
    EXPECT_TRUE(ended());
    // It lingers so that the reply is not lost to a reset, and goes when its time is over.
    EXPECT_EQ(hub_.connections(), 1u);
    hub_.sweep(MonotonicMs(limits().linger_ms + 1));
    run();
    EXPECT_EQ(hub_.connections(), 0u);
}

TEST_F(ClientSessionTest, takes_no_more_than_so_many_unanswered_commands) {
    for (int i = 0; i < 12; ++i) say("delete k" + std::to_string(i) + "\n");
    EXPECT_EQ(replica_.taken.size(), limits().max_unanswered);
    answer(take(), ReplyKind::deleted);
    run();
    EXPECT_EQ(replica_.taken.size(), limits().max_unanswered);
    while (!replica_.taken.empty()) {
        answer(take(), ReplyKind::deleted);
        run();
    }
    std::string heard = hear();
    EXPECT_EQ(heard.size(), 12 * std::string_view("DELETED\r\n").size());
}

TEST_F(ClientSessionTest, takes_no_more_than_so_many_unanswered_bytes) {
    for (int i = 0; i < 4; ++i) say("set k 0 600\n" + std::string(600, 'v') + "\n");
    EXPECT_EQ(replica_.taken.size(), 2u);  // the second began below the bound
}

TEST_F(ClientSessionTest, while_paused_nothing_is_submitted) {
    hub_.set_paused(true);
    say("get a\n");
    EXPECT_TRUE(replica_.taken.empty());
    hub_.set_paused(false);
    run();
    EXPECT_EQ(replica_.taken.size(), 1u);
}

TEST_F(ClientSessionTest, a_client_that_never_reads_is_not_read_and_then_cut_off) {
    std::string value(1u << 19, 'v');
    int answered = 0;
    for (int i = 0; i < 100 && hub_.connections() == 1; ++i) {
        say("get k\n");
        for (; !replica_.taken.empty(); ++answered) answer(take(), ReplyKind::value, 0, value);
    }
    // A socket buffer and the bound on what waits behind it: not one reply more was asked for.
    EXPECT_LE(answered, 4);
    EXPECT_EQ(hub_.connections(), 1u);
    hub_.sweep(MonotonicMs(1000));
    hub_.sweep(MonotonicMs(limits().write_stall_ms + 2000));
    run();
    EXPECT_EQ(hub_.connections(), 0u);
}

TEST_F(ClientSessionTest, replies_past_the_bound_end_the_connection) {
    std::string small(10, 'v'), large(2u << 20, 'v');
    say("get a\nget b\nget c\nget d\nget e\nget f\n");
    ASSERT_EQ(replica_.taken.size(), 6u);
    for (int i = 0; i < 6; ++i) answer(take(), ReplyKind::value, 0, large);
    run();
    EXPECT_EQ(hub_.connections(), 0u);
}

TEST_F(ClientSessionTest, all_together_hold_no_more_than_so_much) {
    std::string half = "set a 0 1000000\n" + std::string(900'000, 'v');
    std::vector<int> clients{client_};
    for (int i = 0; i < 4; ++i) clients.push_back(connect());
    std::size_t held = 0;
    for (int fd : clients) {
        client_ = fd;
        say(half);
        EXPECT_LE(hub_.buffered_bytes(), limits().max_buffered_bytes);
        held = std::max(held, hub_.buffered_bytes());
    }
    EXPECT_EQ(held, 4 * half.size());
    EXPECT_EQ(hub_.connections(), 4u);  // the fifth was cut off
    for (int fd : clients) {
        if (fd != client_) ::close(fd);
    }
    run();
    EXPECT_EQ(hub_.buffered_bytes(), 0u);
}

TEST_F(ClientSessionTest, half_a_command_may_wait_a_minute_but_not_for_ever) {
    say("set a 0 100\nhalf of it");
    hub_.sweep(MonotonicMs(60'000));
    run();
    EXPECT_EQ(hub_.connections(), 1u);
    hub_.sweep(MonotonicMs(limits().half_command_ms + 1));
    run();
    EXPECT_EQ(hub_.connections(), 0u);
    EXPECT_TRUE(ended());
}

TEST_F(ClientSessionTest, an_idle_connection_stays) {
    say("get a\n");
    answer(take(), ReplyKind::not_found);
    EXPECT_EQ(hear(), "ERR_NOT_FOUND\r\n");
    hub_.sweep(MonotonicMs(24 * 3600 * 1000));
    run();
    EXPECT_EQ(hub_.connections(), 1u);
}

TEST_F(ClientSessionTest, one_connection_too_many_is_told_and_closed_at_once) {
    std::vector<int> others;
    while (hub_.connections() < limits().max_connections) others.push_back(connect());
    others.push_back(connect());
    constexpr std::string_view line = "ERR_INTERNAL\r\n";
    char heard[200];
    const ssize_t count = ::recv(others.back(), heard, sizeof heard, 0);
    EXPECT_EQ(std::string_view(heard, static_cast<std::size_t>(std::max<ssize_t>(count, 0))), line);
    EXPECT_EQ(::recv(others.back(), heard, 1, 0), 0);
    EXPECT_EQ(hub_.connections(), limits().max_connections);
    EXPECT_EQ(hub_.turned_away(), 1u);
    for (int fd : others) ::close(fd);
    run();
    EXPECT_EQ(hub_.connections(), 1u);
}

TEST_F(ClientSessionTest, at_the_end_what_was_taken_is_answered) {
    int idle = connect();
    say("get a\n");
    hub_.finish();
    EXPECT_EQ(hub_.unfinished(), 1u);
    answer(take(), ReplyKind::not_found);
    EXPECT_EQ(hear(), "ERR_NOT_FOUND\r\n");
    EXPECT_EQ(hub_.unfinished(), 0u);
    EXPECT_TRUE(ended());
    char byte = 0;
    EXPECT_EQ(::recv(idle, &byte, 1, 0), 0);
    ::close(idle);
}

TEST(ReadWindow, grows_with_small_replies_and_shrinks_with_large_ones) {
    ReadWindow window;
    EXPECT_LE(window.size() * (1u << 20), 8u << 20);
    for (int i = 0; i < 1000; ++i) window.answered(100);
    EXPECT_GT(window.size(), 1000u);
    window.answered(1u << 20);
    EXPECT_EQ(window.size(), 4u);
    window.answered(100u << 20);
    EXPECT_EQ(window.size(), 1u);
}

}  // namespace
}  // namespace raftkv::server
