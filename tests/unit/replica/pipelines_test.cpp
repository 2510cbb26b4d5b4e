// Commands of one connection, sent without waiting for answers.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "node/replica/read_batches.hpp"
#include "tests/unit/replica/world.hpp"

namespace raftkv::replica {
namespace {

using protocol::ReplyKind;

class Pipelines : public testing::Test {
  protected:
    std::uint64_t send(std::uint32_t server, const protocol::Request& request) {
        sent_.push_back(world_.send(server, request, 1));
        return sent_.back();
    }
    bool all_answered() {
        for (const std::uint64_t command : sent_)
            if (world_.heard(command) == nullptr) return false;
        return true;
    }
    std::string text(std::uint64_t command) {
        const HeardReply* reply = world_.heard(command);
        if (reply == nullptr) return "nothing";
        switch (reply->kind) {
            case ReplyKind::ok:
                return "ok";
            case ReplyKind::deleted:
                return "deleted";
            case ReplyKind::not_found:
                return "none";
            case ReplyKind::internal:
                return "internal";
            case ReplyKind::redirect:
                return "redirect";
            default:
                return reply->value;
        }
    }
    // A set, reads and a delete of one key, over and over.
    void send_some(std::uint32_t server, int times) {
        for (int i = 0; i < times; ++i) {
            send(server, get("k"));
            send(server, set("k", "v" + std::to_string(i)));
            send(server, getm("k"));
            send(server, get("k"));
            send(server, del("k"));
        }
    }
    void expect_in_order(std::size_t first, int times) {
        for (int i = 0; i < times; ++i, first += 5) {
            SCOPED_TRACE(i);
            EXPECT_EQ(text(sent_[first]), "none");
            EXPECT_EQ(text(sent_[first + 1]), "ok");
            EXPECT_EQ(text(sent_[first + 2]), "v" + std::to_string(i));
            EXPECT_EQ(text(sent_[first + 3]), "v" + std::to_string(i));
            EXPECT_EQ(text(sent_[first + 4]), "deleted");
        }
    }

    World world_{3, 11};
    std::vector<std::uint64_t> sent_;
};

TEST_F(Pipelines, EachReadSeesTheWritesBeforeItAndNoneAfterIt) {
    const std::uint32_t leader = world_.leader();
    send_some(leader, 40);
    ASSERT_TRUE(world_.until([&] { return all_answered(); }));
    expect_in_order(0, 40);
}

TEST_F(Pipelines, TheSameWhenTheyComeInSeveralTurns) {
    const std::uint32_t leader = world_.leader();
    world_.weather.sync = 30;
    for (int i = 0; i < 40; ++i) {
        send_some(leader, 1);
        world_.replica(leader).end_of_turn();
        if (i % 7 == 0) world_.step();
    }
    ASSERT_TRUE(world_.until([&] { return all_answered(); }));
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(text(sent_[static_cast<std::size_t>(i) * 5]), "none") << i;
        EXPECT_EQ(text(sent_[static_cast<std::size_t>(i) * 5 + 3]), "v0") << i;
    }
}

TEST_F(Pipelines, AWholeOneTakesNoLongerThanOneWrite) {
    const std::uint32_t leader = world_.leader();
    const std::uint64_t one = world_.send(leader, set("one", "v"));
    int steps = 0;
    for (; world_.heard(one) == nullptr; ++steps) world_.step();
    send_some(leader, 40);
    for (int i = 0; i < steps; ++i) world_.step();
    EXPECT_TRUE(all_answered()) << steps << " steps";
}

TEST_F(Pipelines, ALaterEntryConfirmsWhatNoHeartbeatDoes) {
    const std::uint32_t leader = world_.leader();
    send(leader, get("k"));
    send(leader, set("k", "v"));
    ASSERT_TRUE(world_.until([&] { return all_answered(); }));
    EXPECT_EQ(text(sent_[0]), "none");
    EXPECT_EQ(text(sent_[1]), "ok");
}

TEST_F(Pipelines, NobodyIsAskedAboutReadsThatComeWithWritesOfTheirConnection) {
    const std::uint32_t leader = world_.leader();
    const auto rounds = [&] { return world_.replica(leader).status().counters.read_rounds; };
    const std::uint64_t before = rounds();
    send_some(leader, 40);
    send(leader, get("k"));
    ASSERT_TRUE(world_.until([&] { return all_answered(); }));
    expect_in_order(0, 40);
    EXPECT_EQ(text(sent_.back()), "none");
    EXPECT_EQ(rounds(), before);
}

TEST_F(Pipelines, AReadThatComesWithWritesOfOthersDoesNotWaitForThem) {
    const std::uint32_t leader = world_.leader();
    world_.weather.sync = 0;
    send_some(leader, 4);
    const std::uint64_t other = world_.send(leader, get("k"), 2);
    ASSERT_TRUE(world_.until([&] { return world_.heard(other) != nullptr; }));
    EXPECT_EQ(text(other), "none");
    EXPECT_FALSE(all_answered());
    world_.weather.sync = 100;
    ASSERT_TRUE(world_.until([&] { return all_answered(); }));
    expect_in_order(0, 4);
}

// The entry before a read may have been taken by a majority before the read came.
TEST(ReadBatches, AreConfirmedByTheEntriesOfTheirTurnAlone) {
    constexpr ClientToken client{1, 1};
    ReadBatches reads;
    reads.gathering().add(client, get("k"), LogIndex(0), true);
    reads.place(LogIndex(10), {client});
    EXPECT_EQ(reads.begin(), std::nullopt) << "nobody need be asked";
    reads.confirmed_up_to(LogIndex(10));
    EXPECT_EQ(reads.answerable(LogIndex(10)), nullptr);
    reads.confirmed_up_to(LogIndex(11));
    EXPECT_NE(reads.answerable(LogIndex(11)), nullptr);
}

TEST(ReadBatches, AskForARoundWhereAReadComesAlone) {
    ReadBatches reads;
    reads.gathering().add({1, 1}, get("k"), LogIndex(0), false);
    reads.place(LogIndex(10), {{2, 1}});
    EXPECT_NE(reads.begin(), std::nullopt);
    reads.confirmed_up_to(LogIndex(11));
    EXPECT_EQ(reads.answerable(LogIndex(11)), nullptr);
}

TEST_F(Pipelines, WhatIsHeldUntilThereIsALeaderKeepsItsOrder) {
    for (std::uint32_t server = 0; server < 3; ++server) {
        sent_.clear();
        World world(1, 12 + server);
        for (int i = 0; i < 3; ++i) {
            sent_.push_back(world.send(0, get("k"), 1));
            sent_.push_back(world.send(0, set("k", "v"), 1));
            sent_.push_back(world.send(0, get("k"), 1));
            sent_.push_back(world.send(0, del("k"), 1));
        }
        ASSERT_TRUE(world.until([&] { return world.heard(sent_.back()) != nullptr; }));
        for (std::size_t i = 0; i < sent_.size(); i += 4) {
            ASSERT_NE(world.heard(sent_[i]), nullptr);
            EXPECT_EQ(world.heard(sent_[i])->kind, ReplyKind::not_found);
            EXPECT_EQ(world.heard(sent_[i + 2])->value, "v");
            EXPECT_EQ(world.heard(sent_[i + 3])->kind, ReplyKind::deleted);
        }
    }
}

TEST_F(Pipelines, AReadBeforeAWriteOfUnknownOutcomeIsNotMovedBehindIt) {
    const std::uint32_t leader = world_.leader();
    world_.cut(leader, true);
    const std::uint64_t before = send(leader, get("k"));
    const std::uint64_t write = send(leader, set("k", "v"));
    const std::uint64_t after = send(leader, get("k"));
    const std::uint64_t other = world_.send(leader, get("k"));
    ASSERT_TRUE(world_.until([&] { return world_.heard(write) != nullptr; }));
    world_.step();
    EXPECT_EQ(text(write), "internal");
    EXPECT_EQ(text(before), "internal") << "later it might see the write";
    EXPECT_EQ(text(after), "nothing") << "waits for whoever leads";
    EXPECT_EQ(text(other), "nothing") << "likewise, and has nothing to do with the write";
    world_.cut(leader, false);
    ASSERT_TRUE(world_.until(
        [&] { return world_.heard(after) != nullptr && world_.heard(other) != nullptr; }));
}

TEST_F(Pipelines, AKeyEndsForTheReadsBeforeTheEntryThatEndsIt) {
    const std::uint32_t leader = world_.leader();
    ASSERT_EQ(world_.ask(set("short", "v", 1)).kind, ReplyKind::ok);
    for (int i = 0; i < 400; ++i) {
        // Each set comes right behind a read, and what the one does not find the other makes.
        sent_.clear();
        send(leader, getm("short"));
        send(leader, set("short", "w" + std::to_string(i), 1));
        world_.step();
        ASSERT_TRUE(world_.until([&] { return all_answered(); }));
        EXPECT_EQ(text(sent_[0]) == "none", text(sent_[1]) == "ok") << i;
    }
}

}  // namespace
}  // namespace raftkv::replica
