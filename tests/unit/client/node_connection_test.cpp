#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <future>
#include <thread>

#include "cli/client/connection.hpp"
#include "tests/unit/client/fake_node.hpp"

namespace raftkv::cli {
namespace {

using namespace std::chrono_literals;
using protocol::Op;
using protocol::ReplyKind;
using test::FakeNode;
using test::FakeSession;
using Clock = std::chrono::steady_clock;

Deadline in(std::chrono::milliseconds time) {
    return Clock::now() + time;
}

protocol::Request get_of(std::string_view key) {
    protocol::Request request;
    request.op = Op::get;
    request.key = key;
    return request;
}

NodeConnection connected(const FakeNode& node) {
    auto connection = NodeConnection::connect("127.0.0.1", node.port(), in(5s));
    EXPECT_TRUE(connection.ok());
    return std::move(*connection);
}

Result<OwnedReply> ask(const FakeNode& node, Deadline deadline = in(5s)) {
    return connected(node).call(get_of("k"), deadline);
}

TEST(NodeConnection, BringsTheReply) {
    const FakeNode node(test::answering([](const std::string& command) {
        EXPECT_EQ(command, "get k");
        return "VALUE 3\r\nabc\r\n";
    }));
    const auto reply = ask(node);
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply->kind, ReplyKind::value);
    EXPECT_EQ(reply->value, "abc");
}

TEST(NodeConnection, AReplyByteByByteIsOneReply) {
    const FakeNode node([](FakeSession& session) {
        while (session.next()) session.say_slowly("VALUE 12\r\nOK 5\r\nVALUE\n\r\n");
    });
    auto connection = connected(node);
    for (int i = 0; i < 2; ++i) {
        const auto reply = connection.call(get_of("k"), in(5s));
        ASSERT_TRUE(reply.ok());
        EXPECT_EQ(reply->value, "OK 5\r\nVALUE\n");
    }
}

TEST(NodeConnection, RepliesThatCameTogetherAreTakenOneByOne) {
    const FakeNode node([](FakeSession& session) {
        session.next();
        session.next();
        session.say("ERR_NOT_FOUND\r\nVALUE 1\r\nx\r\n");
        session.stay_silent();
    });
    auto connection = connected(node);
    ASSERT_TRUE(connection.send("get a\r\nget b\r\n", in(5s)).ok());
    EXPECT_EQ(connection.receive(Op::get, in(5s))->kind, ReplyKind::not_found);
    EXPECT_EQ(connection.receive(Op::get, in(5s))->value, "x");
}

TEST(NodeConnection, BothSpellingsOfAVersionErrorAreUnderstood) {
    for (const char* spelling : {"ERR_VERSION\r\n", "ERR_VERION\r\n"}) {
        const FakeNode node(test::answering([&](const std::string&) { return spelling; }));
        protocol::Request cas = get_of("k");
        cas.op = Op::cas;
        cas.value = "v";
        EXPECT_EQ(connected(node).call(cas, in(5s))->kind, ReplyKind::version_err);
    }
}

TEST(NodeConnection, SilenceEndsAtTheDeadline) {
    const FakeNode node([](FakeSession& session) { session.stay_silent(); });
    const auto start = Clock::now();
    const auto reply = ask(node, in(50ms));
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().kind, ErrorKind::unavailable);
    EXPECT_GE(Clock::now() - start, 50ms);
    EXPECT_LT(Clock::now() - start, 5s);
}

TEST(NodeConnection, HalfAReplyIsNone) {
    const FakeNode node([](FakeSession& session) {
        session.next();
        session.say("VALUE 10\r\nabc");
    });
    const auto reply = ask(node);
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(reply.error().message, "it closed the connection");
}

TEST(NodeConnection, AResetIsAnErrorAndNotTheEnd) {
    const FakeNode node([](FakeSession& session) {
        session.next();
        session.reset();
    });
    const auto reply = ask(node);
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().kind, ErrorKind::unavailable);
    EXPECT_NE(reply.error().message.find("reset"), std::string::npos);
}

TEST(NodeConnection, GarbageIsNamed) {
    const FakeNode node(test::answering([](const std::string&) { return "HTTP/1.1 400 Bad\r\n"; }));
    const auto reply = ask(node);
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().kind, ErrorKind::failed);
    EXPECT_NE(reply.error().message.find("HTTP/1.1 400 Bad\\r\\n"), std::string::npos);
}

TEST(NodeConnection, EndlessGarbageEnds) {
    const FakeNode node([](FakeSession& session) {
        session.next();
        for (int i = 0; i < 100; ++i) session.say(std::string(10'000, 'x'));
        session.stay_silent();
    });
    EXPECT_EQ(ask(node).error().kind, ErrorKind::failed);
}

TEST(NodeConnection, AServerThatDoesNotReadStopsTheSenderOnlyUntilTheDeadline) {
    std::promise<void> done;
    const FakeNode deaf([&](FakeSession&) { done.get_future().wait(); });
    auto connection = connected(deaf);
    const std::string much(64 << 20, 'x');
    const auto sent = connection.send(much, in(100ms));
    done.set_value();
    ASSERT_FALSE(sent.ok());
    EXPECT_EQ(sent.error().kind, ErrorKind::unavailable);
    EXPECT_LT(connection.sent(), much.size());
    EXPECT_GT(connection.sent(), 0u);
}

TEST(NodeConnection, NobodyThereIsToldAtOnce) {
    const auto start = Clock::now();
    const auto connection = NodeConnection::connect("localhost", test::dead_port(), in(10s));
    ASSERT_FALSE(connection.ok());
    EXPECT_EQ(connection.error().kind, ErrorKind::unavailable);
    EXPECT_NE(connection.error().message.find("Connection refused"), std::string::npos);
    EXPECT_LT(Clock::now() - start, 5s);
}

TEST(NodeConnection, ANameThatNobodyHasIsAnErrorBeforeTheDeadline) {
    const auto connection = NodeConnection::connect("no-such-host.invalid", 1, in(5s));
    ASSERT_FALSE(connection.ok());
    EXPECT_EQ(connection.error().kind, ErrorKind::unavailable);
    EXPECT_NE(connection.error().message.find("no-such-host.invalid:1"), std::string::npos);
}

TEST(NodeConnection, CancellingEndsAWait) {
    const FakeNode node([](FakeSession& session) { session.stay_silent(); });
    const Descriptor cancel(::eventfd(0, EFD_CLOEXEC));
    auto connection = NodeConnection::connect("127.0.0.1", node.port(), in(5s), cancel.get());
    ASSERT_TRUE(connection.ok());
    std::thread later([&] { ::eventfd_write(cancel.get(), 1); });
    const auto reply = connection->call(get_of("k"), in(60s));
    later.join();
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().kind, ErrorKind::interrupted);
}

TEST(NodeConnection, KnowsThatItIsStale) {
    std::promise<void> close;
    const FakeNode node([&](FakeSession&) { close.get_future().wait(); });
    auto connection = connected(node);
    EXPECT_FALSE(connection.is_stale());
    close.set_value();
    const Deadline deadline = in(5s);
    while (!connection.is_stale() && Clock::now() < deadline) std::this_thread::yield();
    EXPECT_TRUE(connection.is_stale());
}

TEST(NodeConnection, RepliesStillArriveAfterTheSendingSideIsClosed) {
    const FakeNode node([](FakeSession& session) {
        session.next();
        EXPECT_EQ(session.next(), std::nullopt) << "the client said that it is done";
        session.say("DELETED\r\n");
    });
    auto connection = connected(node);
    ASSERT_TRUE(connection.send("delete k\r\n", in(5s)).ok());
    connection.finish_sending();
    EXPECT_EQ(connection.receive(Op::del, in(5s))->kind, ReplyKind::deleted);
}

}  // namespace
}  // namespace raftkv::cli
