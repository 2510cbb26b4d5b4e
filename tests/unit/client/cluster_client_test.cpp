#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <future>
#include <memory>
#include <ostream>
#include <thread>

#include "cli/admin/members.hpp"
#include "cli/client/connection.hpp"
#include "tests/unit/admin/one_answer.hpp"
#include "tests/unit/client/fake_node.hpp"

namespace raftkv::cli {
namespace {

using namespace std::chrono_literals;
using protocol::Op;
using protocol::ReplyKind;
using std::chrono::milliseconds;
using test::FakeNode;
using test::FakeSession;
using Clock = std::chrono::steady_clock;
using Lines = std::vector<std::string>;

protocol::Request request(Op op, std::string_view key = "k", std::string_view value = "") {
    protocol::Request made;
    made.op = op;
    made.key = key;
    made.value = value;
    return made;
}

const protocol::Request get = request(Op::get);
const protocol::Request set = request(Op::set, "k", "v");

// Nodes 0, 1, ... on loopback, each with its script and a list of what it was asked.
class Cluster {
  public:
    // `answer` for each command that arrives.
    void add(std::function<std::string(const std::string&)> answer) {
        test::Transcript* asked = asked_.emplace_back(std::make_unique<test::Transcript>()).get();
        add_script(test::answering([asked, answer](const std::string& command) {
            asked->add(command);
            return answer(command);
        }));
    }
    void add_silent() {
        asked_.emplace_back(std::make_unique<test::Transcript>());
        add_script([](FakeSession& session) { session.stay_silent(); });
    }
    void add_dead() {
        asked_.emplace_back(std::make_unique<test::Transcript>());
        add_port(test::dead_port());
    }
    // Does as it likes; `asked()` stays empty.
    void add_scripted(FakeNode::Script script) {
        asked_.emplace_back(std::make_unique<test::Transcript>());
        add_script(std::move(script));
    }

    ClusterClient client(milliseconds timeout = 10s, int cancel_fd = -1) const {
        return ClusterClient(endpoints_, ClientOptions{timeout, std::nullopt, cancel_fd});
    }
    Lines asked(std::size_t node) const { return asked_[node]->lines(); }
    int times_asked(std::size_t node, std::string_view command) const {
        return asked_[node]->count(command);
    }
    const std::vector<Endpoint>& endpoints() const { return endpoints_; }

  private:
    void add_script(FakeNode::Script script) {
        add_port(nodes_.emplace_back(std::make_unique<FakeNode>(std::move(script)))->port());
    }
    void add_port(std::uint16_t port) {
        const NodeId id(static_cast<std::uint32_t>(endpoints_.size()));
        endpoints_.push_back({id, "127.0.0.1", port});
    }

    std::vector<std::unique_ptr<test::Transcript>> asked_;
    std::vector<Endpoint> endpoints_;
    std::vector<std::unique_ptr<FakeNode>> nodes_;  // last: their threads use the transcripts
};

std::function<std::string(const std::string&)> always(std::string answer) {
    return [answer = std::move(answer)](const std::string&) { return answer; };
}

// The leader of an empty cluster: no key is there, and a write succeeds.
std::string lead(const std::string& command) {
    return command.starts_with("get") ? "ERR_NOT_FOUND\r\n" : "OK 7\r\n";
}

void expect_unavailable(const Result<OwnedReply>& reply, std::string_view reason) {
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().kind, ErrorKind::unavailable);
    EXPECT_NE(reply.error().message.find("nothing was done"), std::string::npos);
    EXPECT_NE(reply.error().message.find(reason), std::string::npos) << reply.error().message;
}

void expect_unknown(const Result<OwnedReply>& reply, std::string_view reason) {
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply->kind, ReplyKind::internal);
    EXPECT_NE(reply->why_unknown.find(reason), std::string::npos) << reply->why_unknown;
}

TEST(ClusterClient, FollowsARedirectAndStaysWithTheLeader) {
    Cluster cluster;
    cluster.add(always("REDIRECT 2\r\n"));
    cluster.add(lead);
    cluster.add(lead);
    auto client = cluster.client();
    const auto reply = client.call(set);
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply->kind, ReplyKind::ok);
    EXPECT_EQ(reply->version, 7u);
    EXPECT_EQ(reply->answered_by, NodeId(2));
    EXPECT_EQ(client.leader(), NodeId(2));
    ASSERT_TRUE(client.call(get).ok());
    EXPECT_EQ(cluster.asked(0).size(), 1u) << "the leader is known now";
    EXPECT_EQ(cluster.asked(1), Lines{});
}

TEST(ClusterClient, StartsWhereItIsTold) {
    Cluster cluster;
    cluster.add(lead);
    cluster.add(lead);
    ClusterClient client(cluster.endpoints(), ClientOptions{10s, NodeId(1), -1});
    EXPECT_EQ(client.call(get)->answered_by, NodeId(1));
    EXPECT_EQ(cluster.asked(0), Lines{});
}

TEST(ClusterClient, ANewConnectionIsTriedWithAReadBeforeItIsTrustedWithAWrite) {
    Cluster cluster;
    cluster.add(lead);
    auto client = cluster.client();
    ASSERT_TRUE(client.call(set).ok());
    EXPECT_EQ(cluster.asked(0), (Lines{"get k", "set k v"}));
    ASSERT_TRUE(client.call(set).ok());
    EXPECT_EQ(cluster.asked(0), (Lines{"get k", "set k v", "set k v"}));
}

TEST(ClusterClient, GoesOnWhenANodeIsDown) {
    Cluster cluster;
    cluster.add_dead();
    cluster.add_dead();
    cluster.add(lead);
    EXPECT_EQ(cluster.client().call(set)->answered_by, NodeId(2));
}

TEST(ClusterClient, GoesOnWhenANodeNeverAnswers) {
    Cluster cluster;
    cluster.add_silent();
    cluster.add(lead);
    for (const auto& what : {get, set}) {
        const auto reply = cluster.client().call(what);
        ASSERT_TRUE(reply.ok());
        EXPECT_EQ(reply->answered_by, NodeId(1));
    }
}

TEST(ClusterClient, GoesOnWhenANodeTalksGarbage) {
    Cluster cluster;
    cluster.add(always("SSH-2.0-OpenSSH_9.2\r\n"));
    cluster.add(lead);
    EXPECT_EQ(cluster.client().call(set)->answered_by, NodeId(1));
    EXPECT_EQ(cluster.asked(0), Lines{"get k"}) << "a write was not sent there";
}

// What a node's admin port says: node 1 is at `port`.
std::string members_with_node_1_at(std::uint16_t port) {
    MembersView view;
    view.members.emplace_back();
    view.members[0].where.id = NodeId(1);
    view.members[0].where.host = "127.0.0.1";
    view.members[0].where.client_port = port;
    const std::string body = members_json(view);
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(ClusterClient, FollowsToANodeThatIsElsewhereByNow) {
    Cluster cluster;
    cluster.add(always("REDIRECT 1\r\n"));
    cluster.add_dead();
    const FakeNode moved(test::answering(lead));
    OneAnswer admin(members_with_node_1_at(moved.port()));
    std::vector<Endpoint> known = cluster.endpoints();
    known[0].admin_host = "127.0.0.1";
    known[0].admin_port = admin.port;
    const auto reply = ClusterClient(known, ClientOptions{10s, NodeId(0), -1}).call(set);
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_EQ(reply->answered_by, NodeId(1));
}

TEST(ClusterClient, AnAddressAloneLeadsToTheOthers) {
    const FakeNode follower(test::answering(always("REDIRECT 1\r\n")));
    const FakeNode leader(test::answering(lead));
    OneAnswer admin(members_with_node_1_at(leader.port()));
    const Endpoint alone{unknown_node, "127.0.0.1", follower.port(), "127.0.0.1", admin.port};
    const auto reply = ClusterClient({alone}, ClientOptions{10s, std::nullopt, -1}).call(set);
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_EQ(reply->answered_by, NodeId(1));
}

TEST(ClusterClient, WhatToDoIsSaidWhenNoNodeCanBeReachedAndOnlyThen) {
    Cluster cluster;
    cluster.add_dead();
    ClientOptions options{100ms, std::nullopt, -1, "look elsewhere"};
    expect_unavailable(ClusterClient(cluster.endpoints(), options).call(set), "look elsewhere");
    cluster.add(always("ERR_INTERNAL\r\n"));
    const auto reply = ClusterClient(cluster.endpoints(), options).call(set);
    expect_unavailable(reply, "knows no leader");
    EXPECT_EQ(reply.error().message.find("look elsewhere"), std::string::npos);
}

TEST(ClusterClient, ARedirectInACircleEndsAtTheDeadline) {
    Cluster cluster;
    cluster.add(always("REDIRECT 1\r\n"));
    cluster.add(always("REDIRECT 0\r\n"));
    const auto start = Clock::now();
    const auto reply = cluster.client(200ms).call(set);
    EXPECT_LT(Clock::now() - start, 5s);
    expect_unavailable(reply, "node 0: it names node 1 as the leader");
    expect_unavailable(reply, "node 1: it names node 0 as the leader");
    EXPECT_LT(cluster.asked(0).size() + cluster.asked(1).size(), 40u) << "it pauses each round";
}

TEST(ClusterClient, ARedirectToItselfEndsAtTheDeadline) {
    Cluster cluster;
    cluster.add(always("REDIRECT 0\r\n"));
    expect_unavailable(cluster.client(100ms).call(get), "it names node 0 as the leader");
}

TEST(ClusterClient, ARedirectToAnUnknownNodeIsTakenToAnother) {
    Cluster cluster;
    cluster.add(always("REDIRECT 77\r\n"));
    cluster.add(lead);
    EXPECT_EQ(cluster.client().call(set)->answered_by, NodeId(1));
}

TEST(ClusterClient, ARedirectToAnUnknownNodeIsNamedWhenThatIsAllThereIs) {
    Cluster cluster;
    cluster.add(always("REDIRECT 77\r\n"));
    expect_unavailable(cluster.client(100ms).call(set),
                       "node 77 as the leader, whose address is not known here");
}

TEST(ClusterClient, WaitsOutAnElection) {
    std::atomic<int> elections = 3;
    Cluster cluster;
    cluster.add([&](const std::string& command) {
        return elections-- > 0 ? "ERR_INTERNAL\r\n" : lead(command);
    });
    cluster.add_dead();
    const auto reply = cluster.client().call(set);
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply->kind, ReplyKind::ok);
    EXPECT_EQ(cluster.times_asked(0, "set k v"), 1);
}

TEST(ClusterClient, WithoutALeaderAWriteIsCertainlyNotDone) {
    Cluster cluster;
    cluster.add(always("ERR_INTERNAL\r\n"));
    cluster.add_dead();
    const auto start = Clock::now();
    const auto reply = cluster.client(200ms).call(set);
    EXPECT_GE(Clock::now() - start, 200ms) << "it was given all of its time";
    expect_unavailable(reply, "node 0: it knows no leader");
    expect_unavailable(reply, "Connection refused");
    EXPECT_EQ(cluster.times_asked(0, "set k v"), 0);
}

TEST(ClusterClient, ARedirectedWriteIsSentAgainBecauseItWasNotDone) {
    Cluster cluster;
    cluster.add([](const std::string& command) {
        return command.starts_with("get") ? "ERR_NOT_FOUND\r\n" : "REDIRECT 1\r\n";
    });
    cluster.add(lead);
    EXPECT_EQ(cluster.client().call(set)->answered_by, NodeId(1));
    EXPECT_EQ(cluster.times_asked(0, "set k v"), 1);
    EXPECT_EQ(cluster.times_asked(1, "set k v"), 1);
}

TEST(ClusterClient, AWriteThatTheNodeCannotTellOfIsNotRepeated) {
    Cluster cluster;
    cluster.add([](const std::string& command) {
        return command.starts_with("get") ? "ERR_NOT_FOUND\r\n" : "ERR_INTERNAL\r\n";
    });
    cluster.add(lead);
    expect_unknown(cluster.client().call(set), "node 0: it said ERR_INTERNAL");
    EXPECT_EQ(cluster.times_asked(0, "set k v"), 1);
    EXPECT_EQ(cluster.asked(1), Lines{});
}

// What a node does with a write, after it has answered the read before it.
struct Fate {
    const char* name;
    const char* reason;
    void (*happen)(FakeSession&);
};

void PrintTo(const Fate& fate, std::ostream* out) {
    *out << fate.name;
}

class LostWrite : public testing::TestWithParam<Fate> {};

TEST_P(LostWrite, IsUnknownAndNotRepeated) {
    std::atomic<int> writes = 0;
    Cluster cluster;
    cluster.add_scripted([&](FakeSession& session) {
        while (const auto command = session.next()) {
            if (command->starts_with("get")) {
                session.say("ERR_NOT_FOUND\r\n");
            } else {
                ++writes;
                return GetParam().happen(session);
            }
        }
    });
    cluster.add(lead);
    for (const Op op : {Op::set, Op::cas, Op::del}) {
        writes = 0;
        const auto what = request(op, "k", op == Op::del ? "" : "v");
        expect_unknown(cluster.client(300ms).call(what), GetParam().reason);
        EXPECT_EQ(writes, 1);
    }
    EXPECT_EQ(cluster.asked(1), Lines{}) << "nobody else was asked to do it";
}

INSTANTIATE_TEST_SUITE_P(
    ClusterClient, LostWrite,
    testing::Values(Fate{"Closed", "closed the connection", [](FakeSession&) {}},
                    Fate{"Reset", "the connection was lost", [](FakeSession& s) { s.reset(); }},
                    Fate{"Silent", "no answer in time", [](FakeSession& s) { s.stay_silent(); }},
                    Fate{"Garbage", "is no reply", [](FakeSession& s) { s.say("what?\r\n"); }},
                    Fate{"Half", "closed the connection", [](FakeSession& s) { s.say("OK 1"); }}),
    [](const auto& test) { return test.param.name; });

TEST(ClusterClient, AReadWhoseConnectionIsLostIsRepeated) {
    std::atomic<int> reads = 0;
    Cluster cluster;
    cluster.add_scripted([&](FakeSession& session) {
        while (session.next()) {
            if (++reads == 1) return session.reset();
            session.say("VALUE 1\r\nx\r\n");
        }
    });
    const auto reply = cluster.client().call(get);
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply->value, "x");
    EXPECT_EQ(reads, 2);
}

TEST(ClusterClient, AConnectionThatTheNodeClosedMeanwhileCostsNoWrite) {
    std::promise<void> closed;
    std::atomic<int> sessions = 0;
    Cluster cluster;
    cluster.add_scripted([&](FakeSession& session) {
        const bool first = ++sessions == 1;
        while (const auto command = session.next()) {
            session.say(lead(*command));
            if (!first || command->starts_with("get")) continue;
            session.hang_up();  // a node that is restarted while the client is idle
            closed.set_value();
            return;
        }
    });
    auto client = cluster.client();
    ASSERT_EQ(client.call(set)->kind, ReplyKind::ok);
    closed.get_future().wait();
    const auto reply = client.call(set);
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply->kind, ReplyKind::ok) << reply->why_unknown;
    EXPECT_EQ(sessions, 2);
}

TEST(ClusterClient, RefusalsAreRepliesAndNotRepeated) {
    for (const auto& [bytes, kind] : {std::pair{"ERR_VERSION\r\n", ReplyKind::version_err},
                                      std::pair{"ERR_VERION\r\n", ReplyKind::version_err},
                                      std::pair{"ERR_NOT_FOUND\r\n", ReplyKind::not_found},
                                      std::pair{"ERR_CMD_ERR\r\n", ReplyKind::cmd_err}}) {
        Cluster cluster;
        cluster.add([answer = std::string(bytes)](const std::string& command) {
            return command.starts_with("get") ? "ERR_NOT_FOUND\r\n" : answer;
        });
        cluster.add(lead);
        const auto reply = cluster.client().call(request(Op::cas, "k", "v"));
        ASSERT_TRUE(reply.ok());
        EXPECT_EQ(reply->kind, kind);
        EXPECT_EQ(cluster.asked(1), Lines{});
    }
}

TEST(ClusterClient, TheDeadlineHoldsWhateverTheNodesDo) {
    Cluster cluster;
    cluster.add_silent();
    cluster.add_dead();
    cluster.add(always("REDIRECT 0\r\n"));
    cluster.add(always(""));
    for (const auto& what : {get, set}) {
        const auto start = Clock::now();
        expect_unavailable(cluster.client(700ms).call(what), "no answer in time");
        const auto took = Clock::now() - start;
        EXPECT_GE(took, 700ms);
        EXPECT_LT(took, 5s);
    }
}

TEST(ClusterClient, CancellingAReadSaysThatNothingWasDone) {
    std::promise<void> asked;
    const Descriptor cancel(::eventfd(0, EFD_CLOEXEC));
    Cluster cluster;
    cluster.add_scripted([&](FakeSession& session) {
        session.next();
        asked.set_value();
        session.stay_silent();
    });
    std::thread later([&] {
        asked.get_future().wait();
        ::eventfd_write(cancel.get(), 1);
    });
    const auto reply = cluster.client(60s, cancel.get()).call(get);
    later.join();
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().kind, ErrorKind::interrupted);
    EXPECT_NE(reply.error().message.find("nothing was done"), std::string::npos);
}

TEST(ClusterClient, CancellingAWriteThatIsOutSaysThatItMayHaveBeenDone) {
    std::promise<void> asked;
    const Descriptor cancel(::eventfd(0, EFD_CLOEXEC));
    Cluster cluster;
    cluster.add_scripted([&](FakeSession& session) {
        session.next();
        session.say("ERR_NOT_FOUND\r\n");
        session.next();
        asked.set_value();
        session.stay_silent();
    });
    std::thread later([&] {
        asked.get_future().wait();
        ::eventfd_write(cancel.get(), 1);
    });
    const auto reply = cluster.client(60s, cancel.get()).call(set);
    later.join();
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().kind, ErrorKind::interrupted);
    EXPECT_NE(reply.error().message.find("may or may not have been done"), std::string::npos);
}

TEST(ClusterClient, CancellingEndsTheWaitForNodesThatAreDown) {
    const Descriptor cancel(::eventfd(1, EFD_CLOEXEC));
    Cluster cluster;
    cluster.add_dead();
    const auto reply = cluster.client(60s, cancel.get()).call(set);
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().kind, ErrorKind::interrupted);
}

TEST(ClusterClient, AKeyThatWouldBeAnotherCommandIsNotSent) {
    Cluster cluster;
    cluster.add(lead);
    const auto reply = cluster.client().call(request(Op::get, "k\r\ndelete k"));
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().kind, ErrorKind::usage);
    EXPECT_EQ(cluster.asked(0), Lines{});
}

TEST(ClusterClient, KnowsTheNodesOfAConfiguration) {
    Cluster cluster;
    cluster.add(always("REDIRECT 9\r\n"));
    cluster.add(lead);
    ClusterConfig config;
    for (std::size_t i = 0; i < 2; ++i) {
        ServerConfig server;
        server.id = NodeId(i == 0 ? 4 : 9);
        server.host = "localhost";
        server.client_port = cluster.endpoints()[i].port;
        config.servers.push_back(server);
    }
    EXPECT_EQ(ClusterClient(config, 10s).call(set)->answered_by, NodeId(9));
}

}  // namespace
}  // namespace raftkv::cli
