#include "cli/bench/load/load.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "tests/unit/client/fake_node.hpp"

// The load against servers that do exactly what a test says, right or wrong.

namespace raftkv::bench {
namespace {

using test::answering;
using test::FakeNode;
using test::FakeSession;
using test::FakeStore;

LoadOptions load_on(std::initializer_list<const FakeNode*> nodes) {
    LoadOptions load;
    std::uint32_t id = 0;
    for (const FakeNode* node : nodes)
        load.servers.push_back({"127.0.0.1", node->port(), NodeId(id++)});
    load.dialect = &raftkv_dialect();
    load.clients = 4;
    load.value_bytes = 3;
    load.requests = 100;
    load.timeout = std::chrono::milliseconds(2'000);
    return load;
}

std::uint64_t of(const LoadResult& result, Outcome outcome) {
    return result.outcomes[static_cast<std::size_t>(outcome)];
}

std::string leader_says(const std::string& command) {
    if (command.starts_with("get")) return "VALUE 3\r\nvvv\r\n";
    return "OK 7\r\n";
}

TEST(BenchLoad, CountsWhatWasAskedFor) {
    FakeStore store;
    FakeNode node(answering([&](const std::string& command) { return store.answer(command); }));
    KeySpace space;
    const auto result = run_load(load_on({&node}), space);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->answered(), 100u);
    EXPECT_EQ(of(*result, Outcome::done), 100u);
    EXPECT_EQ(result->errors(), 0u);
    EXPECT_EQ(space.first_new, 100u);
    EXPECT_EQ(node.connections(), 4);
    EXPECT_EQ(result->reconnects, 0u);
}

TEST(BenchLoad, OpensMoreConnectionsThanAProcessMayHaveAsARule) {
    FakeNode node(answering(leader_says));
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit low = before;
    low.rlim_cur = 64;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    LoadOptions load = load_on({&node});
    load.clients = 100;
    KeySpace space;
    const auto result = run_load(load, space);
    ::setrlimit(RLIMIT_NOFILE, &before);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->answered(), 100u);
}

TEST(BenchLoad, MatchesRepliesThatComeInPiecesAndTogether) {
    FakeStore store;
    FakeNode node([&](FakeSession& session) {
        std::string together;
        for (int i = 1;; ++i) {
            const auto command = session.next();
            if (!command) return;
            together += store.answer(*command);
            // Half a pipeline at once, a byte a segment.
            if (i % 4 == 0) {
                session.say_slowly(together);
                together.clear();
            }
        }
    });
    LoadOptions load = load_on({&node});
    load.clients = 1;
    load.pipeline = 8;
    load.requests = 160;  // whole fours, so that none waits for ever
    KeySpace space;
    space.versions.resize(160);
    const auto result = run_load(load, space);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(of(*result, Outcome::done), 160u);
    // Each key has the version that its own reply named.
    for (std::uint64_t version : space.versions) EXPECT_GT(version, 1u);
    std::sort(space.versions.begin(), space.versions.end());
    EXPECT_EQ(std::unique(space.versions.begin(), space.versions.end()), space.versions.end());
}

TEST(BenchLoad, FollowsARedirectAndLosesNothing) {
    FakeNode leader(answering(leader_says));
    FakeNode follower(answering([](const std::string&) { return "REDIRECT 1\r\n"; }));
    KeySpace space;
    LoadOptions load = load_on({&follower, &leader});
    load.pipeline = 4;
    const auto result = run_load(load, space);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(of(*result, Outcome::done), 100u);
    EXPECT_EQ(result->errors(), 0u);
    EXPECT_EQ(result->redirects, 16u);
    EXPECT_EQ(result->reconnects, 4u);
}

TEST(BenchLoad, FindsALeaderWhoseNameItDoesNotKnow) {
    FakeNode leader(answering(leader_says));
    FakeNode follower(answering([](const std::string&) { return "REDIRECT 77\r\n"; }));
    KeySpace space;
    const auto result = run_load(load_on({&follower, &leader}), space);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(of(*result, Outcome::done), 100u);
}

TEST(BenchLoad, GoesOnElsewhereWhenANodeDiesAndSaysWhatIsUnknown) {
    FakeNode dying([](FakeSession& session) {
        for (int i = 0; i < 5; ++i) {
            if (!session.next()) return;
            session.say("OK 7\r\n");
        }
        session.next();
        session.reset();
    });
    FakeNode heir(answering(leader_says));
    LoadOptions load = load_on({&dying, &heir});
    load.clients = 1;
    load.pipeline = 3;
    KeySpace space;
    const auto result = run_load(load, space);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(of(*result, Outcome::done), 97u);
    EXPECT_EQ(of(*result, Outcome::lost), 3u);
    EXPECT_EQ(result->errors(), 3u);
    EXPECT_EQ(result->reconnects, 1u);
}

TEST(BenchLoad, GivesUpASilentConnection) {
    std::atomic<int> sessions{0};
    FakeNode node([&](FakeSession& session) {
        if (sessions++ == 0) return session.stay_silent();
        while (session.next()) session.say("OK 7\r\n");
    });
    LoadOptions load = load_on({&node});
    load.clients = 1;
    load.timeout = std::chrono::milliseconds(50);
    KeySpace space;
    const auto result = run_load(load, space);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(of(*result, Outcome::timed_out), 1u);
    EXPECT_EQ(of(*result, Outcome::done), 99u);
}

TEST(BenchLoad, CountsRefusalsByKind) {
    int turn = 0;
    FakeNode node(answering([&](const std::string&) {
        const char* replies[] = {"OK 7\r\n", "ERR_VERSION\r\n", "ERR_INTERNAL\r\n",
                                 "ERR_CMD_ERR\r\n"};
        return std::string(replies[turn++ % 4]);
    }));
    LoadOptions load = load_on({&node});
    load.clients = 1;
    KeySpace space;
    const auto result = run_load(load, space);
    ASSERT_TRUE(result.ok()) << result.error().message;
    for (Outcome outcome : {Outcome::done, Outcome::exists, Outcome::unknown, Outcome::refused}) {
        EXPECT_EQ(of(*result, outcome), 25u) << name_of(outcome);
    }
    EXPECT_EQ(result->answered(), 25u);
    EXPECT_EQ(result->errors(), 75u);
}

TEST(BenchLoad, ReplacesByVersionAndAsksForThoseItLost) {
    FakeStore store;
    FakeNode node(answering([&](const std::string& command) { return store.answer(command); }));
    LoadOptions load = load_on({&node});
    load.requests = 10;
    KeySpace space;
    space.keys = 10;
    ASSERT_TRUE(run_load(load, space).ok());  // without a note of the versions
    space.versions.resize(10);
    load.op = Op::cas;
    load.requests = 300;
    const auto result = run_load(load, space);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->errors(), 0u);
    EXPECT_GT(of(*result, Outcome::done), 200u);
    for (std::uint64_t version : space.versions) EXPECT_GT(version, 0u);
}

TEST(BenchLoad, SaysWhoTalksRubbish) {
    FakeNode node([](FakeSession& session) {
        session.next();
        session.say("SSH-2.0-OpenSSH\r\n");
        session.stay_silent();
    });
    KeySpace space;
    const auto result = run_load(load_on({&node}), space);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().kind, ErrorKind::failed);
    EXPECT_NE(result.error().message.find("says what is no reply: \"SSH-2.0-OpenSSH"),
              std::string::npos)
        << result.error().message;
}

TEST(BenchLoad, SaysThatNobodyIsThere) {
    LoadOptions load = load_on({});
    load.servers = {{"127.0.0.1", test::dead_port(), NodeId(0)}};
    KeySpace space;
    const auto result = run_load(load, space);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
}

TEST(BenchLoad, OfARateChargesOperationsWithTheStallBeforeThem) {
    using Clock = std::chrono::steady_clock;
    constexpr auto stall = std::chrono::milliseconds(200);
    std::atomic<int> commands{0};
    // One that answers at once, but for a fifth of a second once.
    FakeNode node(answering([&](const std::string& command) {
        if (++commands == 50) {
            const auto until = Clock::now() + stall;
            while (Clock::now() < until) std::this_thread::yield();
        }
        return leader_says(command);
    }));
    LoadOptions load = load_on({&node});
    load.clients = 1;
    load.requests = 0;
    load.rate = 500;
    load.warmup_seconds = 0;
    load.seconds = 1;
    KeySpace space;
    const auto result = run_load(load, space);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->answered() + result->unsent, 500u);
    // A closed loop would have seen one slow operation in five hundred; here it is a hundred that
    // had to wait 200 ms down to nothing.
    EXPECT_GT(result->latency.percentile(0.9), 50'000'000);
    EXPECT_GE(result->latency.max(), 190'000'000);
}

TEST(BenchLoad, EndsAtOnceWhenItIsCancelled) {
    FakeNode node(answering(leader_says));
    LoadOptions load = load_on({&node});
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const Descriptor read_end(pipe_ends[0]), write_end(pipe_ends[1]);
    load.requests = 0;
    load.seconds = 600;
    load.window_seconds = 0.05;
    load.warmup_seconds = 0;
    load.cancel_fd = read_end.get();
    load.on_window = [&](const Window& window) {
        if (window.operations == 0) return;  // a busy machine has not begun yet
        EXPECT_EQ(::write(write_end.get(), "x", 1), 1);
    };
    KeySpace space;
    const auto result = run_load(load, space);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_TRUE(result->interrupted);
    EXPECT_LT(result->seconds, 60);
    EXPECT_GT(result->answered(), 0u);
}

}  // namespace
}  // namespace raftkv::bench
