#include <gtest/gtest.h>

#include "node/kv/command.hpp"
#include "tests/unit/replica/world.hpp"

namespace raftkv::replica {
namespace {

using protocol::ReplyKind;

TEST(Replica, TheDialogueOfTheProtocolGivesTheDocumentedVersions) {
    World world(3, 1);
    HeardReply reply = world.ask(set("arun", "my name is arun", 10));
    EXPECT_EQ(reply.kind, ReplyKind::ok);
    EXPECT_EQ(reply.version, 2u);
    EXPECT_EQ(world.ask(set("arun", "my name is babu", 14)).kind, ReplyKind::version_err);
    EXPECT_EQ(world.ask(cas("arun", 1000, "wowo")).kind, ReplyKind::version_err);
    reply = world.ask(cas("arun", 2, "wowo"));
    EXPECT_EQ(reply.kind, ReplyKind::ok);
    EXPECT_EQ(reply.version, 5u);
    reply = world.ask(getm("arun"));
    EXPECT_EQ(reply.kind, ReplyKind::value_meta);
    EXPECT_EQ(reply.version, 5u);
    EXPECT_EQ(reply.exptime_s, 0u);
    EXPECT_EQ(reply.value, "wowo");
    EXPECT_EQ(world.ask(del("babu")).kind, ReplyKind::not_found);
    EXPECT_EQ(world.ask(del("arun")).kind, ReplyKind::deleted);
    EXPECT_EQ(world.ask(get("arun")).kind, ReplyKind::not_found);
}

TEST(Replica, AClusterOfOneServes) {
    World world(1, 1);
    EXPECT_EQ(world.ask(set("k", "v")).kind, ReplyKind::ok);
    EXPECT_EQ(world.ask(get("k")).value, "v");
}

TEST(Replica, AFollowerRedirectsToTheLeaderAlsoForReads) {
    World world(3, 2);
    const std::uint32_t leader = world.leader();
    const std::uint32_t follower = (leader + 1) % 3;
    ASSERT_TRUE(world.until([&] { return world.replica(follower).status().leader.has_value(); }));
    for (const auto& request : {set("k", "v"), get("k"), getm("k"), del("k")}) {
        const std::uint64_t command = world.send(follower, request);
        ASSERT_TRUE(world.until([&] { return world.heard(command) != nullptr; }));
        EXPECT_EQ(world.heard(command)->kind, ReplyKind::redirect);
        EXPECT_EQ(world.heard(command)->leader, NodeId(leader));
    }
}

TEST(Replica, WithoutALeaderACommandIsHeldUntilThereIsOne) {
    World world(3, 3);
    const std::uint64_t early = world.send(0, set("k", "v"));
    EXPECT_EQ(world.heard(early), nullptr);
    ASSERT_TRUE(world.until([&] { return world.heard(early) != nullptr; }));
    const HeardReply& reply = *world.heard(early);
    EXPECT_TRUE(reply.kind == ReplyKind::ok || reply.kind == ReplyKind::redirect);
}

TEST(Replica, AHeldCommandIsGivenUpAfterFiveSeconds) {
    World world(3, 4);
    world.kill(1);
    world.kill(2);
    const std::uint64_t command = world.send(0, set("k", "v"));
    for (int i = 0; i < 980; ++i) world.step();
    EXPECT_EQ(world.heard(command), nullptr) << "still within its 5 s";
    ASSERT_TRUE(world.until([&] { return world.heard(command) != nullptr; }));
    EXPECT_EQ(world.heard(command)->kind, ReplyKind::internal);
}

TEST(Replica, AWriteInTheLogOfALeaderThatIsCutOffHasAnUnknownOutcome) {
    World world(3, 5);
    const std::uint32_t old_leader = world.leader();
    world.cut(old_leader, true);
    const std::uint64_t write = world.send(old_leader, set("k", "v"));
    const std::uint64_t read = world.send(old_leader, get("k"));
    ASSERT_TRUE(world.until([&] { return world.heard(write) != nullptr; }));
    EXPECT_EQ(world.heard(write)->kind, ReplyKind::internal) << "never REDIRECT: it may be done";
    EXPECT_EQ(world.heard(read), nullptr) << "a read waits for whoever leads";
    world.cut(old_leader, false);
    ASSERT_TRUE(world.until([&] { return world.heard(read) != nullptr; }));
    EXPECT_NE(world.heard(read)->kind, ReplyKind::value_meta);
}

TEST(Replica, ADeposedLeaderDoesNotAnswerReadsFromItsOldState) {
    World world(3, 6);
    const HeardReply first = world.ask(set("k", "old"));
    const std::uint32_t old_leader = world.leader();
    world.cut(old_leader, true);
    for (std::uint32_t id = 0; id < 3; ++id)
        if (id != old_leader) world.replica(id).peer_disconnected(NodeId(old_leader));
    const std::uint32_t new_leader = world.leader();
    ASSERT_NE(new_leader, old_leader);
    ASSERT_EQ(world.ask(cas("k", first.version, "new")).kind, ReplyKind::ok);
    const std::uint64_t read = world.send(old_leader, get("k"));
    for (int i = 0; i < 30; ++i) world.step();
    EXPECT_EQ(world.heard(read), nullptr);
}

TEST(Replica, KeysEndWhenTheirTimeIsUpOnTheLeadersClockAndNeverComeBack) {
    World world(3, 7);
    ASSERT_EQ(world.ask(set("k", "v", 2)).kind, ReplyKind::ok);
    for (int i = 0; i < 360; ++i) world.step();  // 1.8 s
    EXPECT_EQ(world.ask(getm("k")).kind, ReplyKind::value_meta);
    for (int i = 0; i < 60; ++i) world.step();
    EXPECT_EQ(world.ask(get("k")).kind, ReplyKind::not_found);
    world.kill(world.leader());
    EXPECT_EQ(world.ask(get("k")).kind, ReplyKind::not_found);
}

TEST(Replica, ALogWithoutSpaceRefusesWritesAndStillAnswersReads) {
    World world(1, 10);
    ASSERT_EQ(world.ask(set("k", "v")).kind, ReplyKind::ok);
    world.replica(0).log_has_room(false);
    EXPECT_EQ(world.ask(set("l", "v")).kind, ReplyKind::internal);
    EXPECT_EQ(world.ask(get("k")).value, "v");
    world.replica(0).log_has_room(true);
    EXPECT_EQ(world.ask(set("l", "v")).kind, ReplyKind::ok);
}

TEST(Replica, StoppingALeaderPolitelyHandsOverWithoutAnElectionTimeout) {
    World world(3, 11);
    const std::uint32_t leader = world.leader();
    world.replica(leader).transfer_leadership(std::nullopt);
    const std::uint64_t command = world.send(leader, get("k"));
    for (int i = 0; i < 10; ++i) world.step();  // 50 ms
    ASSERT_NE(world.heard(command), nullptr);
    EXPECT_EQ(world.heard(command)->kind, ReplyKind::redirect);
}

// Under load, what took the leadership away and the next commands are inputs of the same turn.
TEST(Replica, WhatComesInTheTurnThatEndsALeadershipIsRedirectedAndNotRefused) {
    World world(3, 11);
    const std::uint32_t old_one = world.leader(), new_one = (old_one + 1) % 3;
    const Term next = world.replica(old_one).standing().term + 1;
    world.replica(old_one).receive(NodeId(new_one), {next, raft::Heartbeat{}});
    const std::uint64_t write = world.send(old_one, set("k", "v"));
    const std::uint64_t read = world.send(old_one, get("k"));
    world.replica(old_one).end_of_turn();
    for (const std::uint64_t command : {write, read}) {
        ASSERT_NE(world.heard(command), nullptr);
        EXPECT_EQ(world.heard(command)->kind, ReplyKind::redirect);
        EXPECT_EQ(world.heard(command)->leader, NodeId(new_one));
    }
}

TEST(Replica, EntriesThatAreNoCommandsDoNotGetIntoTheLog) {
    World world(3, 13);
    raft::AppendRequest append{LogIndex(0), Term(0), LogIndex(1), {}};
    append.entries.push_back({LogIndex(1), Term(9), raft::EntryKind::command,
                              SharedBytes::copy_of("no command of ours")});
    world.replica(0).receive(NodeId(1), {Term(9), append});
    world.replica(0).end_of_turn();
    EXPECT_EQ(world.replica(0).status().last_index, LogIndex(0));
    EXPECT_EQ(world.ask(set("k", "v")).kind, ReplyKind::ok);
}

TEST(Replica, MoreThanItsBoundOfWaitingCommandsIsRefused) {
    World world(3, 12);
    world.kill(1);
    world.kill(2);
    const std::string big(1 << 20, 'v');
    std::uint64_t last = 0;
    for (int i = 0; i < 80; ++i) last = world.send(0, set("k", big));
    EXPECT_TRUE(world.replica(0).wants_pause());
    EXPECT_LE(world.replica(0).status().pending_bytes, 66u << 20);
    world.step();
    ASSERT_NE(world.heard(last), nullptr);
    EXPECT_EQ(world.heard(last)->kind, ReplyKind::internal);
}

// Everybody writes, so that marks are made.
void write_some(World& world, int prefix) {
    for (int i = 0; i < 20; ++i)
        world.ask(set("k" + std::to_string(prefix) + "-" + std::to_string(i), "v"));
}

TEST(Replica, EqualStatesAreNoNews) {
    World world(3, 30);
    write_some(world, 1);
    world.until([] { return false; });
    for (std::uint32_t id = 0; id < 3; ++id) {
        EXPECT_FALSE(world.replica(id).standing().divergence);
        EXPECT_FALSE(world.replica(id).standing().distrusted);
    }
}

TEST(Replica, AFollowerWhoseStateIsTheOddOneOutNeverLeadsUntilItIsMadeAnew) {
    World world(3, 31);
    write_some(world, 1);
    const std::uint32_t leader = world.leader(), follower = (leader + 1) % 3;
    world.kill(follower);
    world.restart(follower, true);
    write_some(world, 2);
    ASSERT_TRUE(world.until([&] { return world.replica(follower).standing().distrusted; }));
    for (std::uint32_t id : {leader, (leader + 2) % 3}) {
        EXPECT_FALSE(world.replica(id).standing().distrusted);
    }
    world.kill(leader);
    ASSERT_TRUE(world.until([&] {
        return world.replica((leader + 2) % 3).standing().role == raft::Role::leader;
    })) << "the other one takes over";
    world.restart(leader);
    write_some(world, 3);
    world.kill(follower);
    world.restart(follower);
    write_some(world, 4);
    world.until([] { return false; });
    EXPECT_FALSE(world.replica(follower).standing().distrusted);
}

// Anybody may say so; the state that a node is told must be another one than its own, and what the
// leader came to clears it.
TEST(Replica, AWordIsNotEnoughToMakeAStateTheOddOneOut) {
    World world(3, 33);
    write_some(world, 1);
    world.until([] { return false; });
    const std::uint32_t leader = world.leader(), follower = (leader + 1) % 3;
    const Term term = world.replica(leader).standing().term;
    const LogIndex marked(world.replica(follower).indexes().applied.value() / 8 * 8);
    const auto tell = [&](raft::StateMark mark) {
        world.replica(follower).receive(NodeId(leader),
                                        {term, raft::Heartbeat{LogIndex(0), 0, mark, true}});
        world.replica(follower).end_of_turn();
    };
    tell({});
    EXPECT_FALSE(world.replica(follower).standing().distrusted);
    tell({marked, 1});
    EXPECT_TRUE(world.replica(follower).standing().distrusted);
    world.until([] { return false; });
    write_some(world, 2);
    EXPECT_TRUE(world.until([&] { return !world.replica(follower).standing().distrusted; }));
    EXPECT_FALSE(world.replica(follower).standing().divergence);
}

TEST(Replica, ALeaderWhoseStateIsTheOddOneOutHandsOver) {
    World world(3, 32);
    write_some(world, 1);
    for (std::uint32_t id = 0; id < 3; ++id) world.kill(id);
    world.restart(0, true);
    world.restart(1);
    world.restart(2);
    // The wrong one first.
    ASSERT_TRUE(world.until([&] {
        write_some(world, 2);
        return world.replica(0).standing().distrusted;
    }));
    ASSERT_TRUE(world.until([&] {
        const std::uint32_t leader = world.leader();
        return leader != 0;
    }));
    EXPECT_EQ(world.ask(get("k1-0")).value, "v") << "and nobody hears the wrong value";
    EXPECT_FALSE(world.replica(1).standing().distrusted);
    EXPECT_FALSE(world.replica(2).standing().distrusted);
}

TEST(Replica, StampsRiseFromEntryToEntryAlsoWhereATickIsDue) {
    World world(1, 1);
    ASSERT_EQ(world.ask(set("short", "lived", 1)).kind, ReplyKind::ok);
    // A write is stamped when it arrives; by the next step the tick may be due.
    for (int i = 0; i < 400; ++i) {
        world.send(0, set("k" + std::to_string(i), "v"));
        world.step();
    }
    ClusterMs last;
    bool ticked = false;
    for (const raft::Entry& entry : world.process(0).log()) {
        const auto command = kv::decode(entry.payload.view());
        if (!command) continue;
        EXPECT_GE(command->stamp, last) << "entry " << entry.index.value();
        last = command->stamp;
        ticked = ticked || command->op == kv::CommandOp::tick;
    }
    EXPECT_TRUE(ticked);
}

}  // namespace
}  // namespace raftkv::replica
