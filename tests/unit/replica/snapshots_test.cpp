#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node/replica/replica.hpp"
#include "tests/unit/replica/world.hpp"

// When a replica takes a snapshot, by itself and by order.

namespace raftkv::replica {
namespace {

// What a replica asked of its snapshots.
class Recorder final : public SnapshotPort {
  public:
    void begin(const raft::SnapshotId& id, std::string) override { begun.push_back(id); }
    void add(std::string chunk) override { bytes += chunk.size(); }
    void end() override { ended = true; }
    void give_up() override { ++given_up; }
    std::size_t waiting_bytes() const override { return 0; }
    void store(const raft::SnapshotPiece&) override { FAIL() << "nobody sends one"; }
    void fetch(const raft::SnapshotFetch&) override { FAIL() << "nobody wants one"; }
    void discard(const raft::SnapshotId& id) override { discarded.push_back(id); }
    void dispose(kv::Store) override { FAIL() << "a store was replaced"; }

    std::vector<raft::SnapshotId> begun, discarded;
    std::uint64_t bytes = 0;
    bool ended = false;
    int given_up = 0;
};

// A cluster of one, whose disk is as fast as can be.
class LoneReplica : public testing::Test, public Clock, LogPort, NetworkPort, ClientPort {
  protected:
    explicit LoneReplica(const SnapshotOptions& snapshot = {}) {
        Options options;
        options.raft.id = NodeId(0);
        options.raft.members = raft::first_membership(std::vector{NodeId(0)});
        options.snapshot = snapshot;
        replica_ = std::make_unique<Replica>(options, raft::Restored(), kv::Store(),
                                             Ports{*this, *this, recorder_, *this, *this});
    }

    MonotonicMs monotonic() override { return now_; }
    BootUs boot() override { return BootUs(now_.value() * 1000); }
    WallMs wall() override { return WallMs(1'700'000'000'000); }
    void submit(raft::LogWrite write) override { written_ = write.sequence; }
    void fetch(const raft::EntryFetch&) override {}
    void send(NodeId, const raft::Message&) override {}
    void reply(ClientToken, const protocol::Reply& reply) override { answered_ = reply.kind; }

    void turn(std::int64_t ms = 1) {
        now_ = now_ + ms;
        replica_->tick();
        for (int i = 0; i < 4; ++i) {
            if (written_) replica_->persisted(*std::exchange(written_, std::nullopt));
            replica_->end_of_turn();
        }
    }
    void lead() {
        while (replica_->standing().role != raft::Role::leader) turn(50);
        turn();
    }
    void write(const protocol::Request& request) {
        replica_->submit({1, ++requests_}, request);
        turn();
        ASSERT_TRUE(answered_ == protocol::ReplyKind::ok ||
                    answered_ == protocol::ReplyKind::deleted);
    }
    // Until all of it is with the port, and then its file is in its place.
    void complete() {
        for (int i = 0; i < 10'000 && !recorder_.ended; ++i) turn(10);
        ASSERT_TRUE(recorder_.ended);
        recorder_.ended = false;
        replica_->snapshot_written({recorder_.begun.back(), 100 + recorder_.bytes});
        recorder_.bytes = 0;
        turn();
    }
    std::size_t begun() const { return recorder_.begun.size(); }

    MonotonicMs now_{1000};
    Recorder recorder_;
    std::optional<std::uint64_t> written_;
    std::uint64_t requests_ = 0;
    protocol::ReplyKind answered_ = protocol::ReplyKind::internal;
    std::unique_ptr<Replica> replica_;
};

TEST_F(LoneReplica, HasNothingToTakeBeforeAnythingIsApplied) {
    EXPECT_EQ(replica_->want_snapshot(), std::nullopt);
    turn();
    EXPECT_EQ(begun(), 0u);
}

TEST_F(LoneReplica, TakesOneByOrderHoweverShortTheLogIs) {
    lead();
    write(set("key", "value"));
    const LogIndex applied = replica_->indexes().applied;
    ASSERT_EQ(replica_->want_snapshot(), applied);
    turn();
    ASSERT_EQ(begun(), 1u);
    EXPECT_EQ(recorder_.begun[0].index, applied);
    complete();
    EXPECT_EQ(replica_->status().snapshot.index, applied);
    EXPECT_EQ(replica_->status().snapshot.log_bytes, 0u);
    EXPECT_EQ(replica_->status().snapshot.taking, std::nullopt);
}

TEST_F(LoneReplica, TakesNoneByOrderWhereTheNewestIsOfThatEntry) {
    lead();
    write(set("key", "value"));
    replica_->want_snapshot();
    turn();
    complete();
    EXPECT_EQ(replica_->want_snapshot(), replica_->status().snapshot.index);
    for (int i = 0; i < 100; ++i) turn();
    EXPECT_EQ(begun(), 1u) << "nothing has changed";
    write(set("other", "value"));
    EXPECT_EQ(begun(), 1u) << "nobody has asked since";
    EXPECT_EQ(replica_->want_snapshot(), replica_->indexes().applied);
    turn();
    EXPECT_EQ(begun(), 2u);
}

TEST_F(LoneReplica, ManyOrdersOfOneMomentAreOneSnapshot) {
    lead();
    write(set("key", std::string(300'000, 'v')));
    for (int i = 0; i < 10; ++i) replica_->want_snapshot();
    turn(0);
    for (int i = 0; i < 10; ++i) replica_->want_snapshot();
    complete();
    for (int i = 0; i < 100; ++i) turn();
    EXPECT_EQ(begun(), 1u);
}

// Whoever orders it wants what is there now, and not what was there when another one began.
TEST_F(LoneReplica, AnOrderWhileAnOlderOneIsTakenIsAnotherSnapshot) {
    lead();
    write(set("key", "value"));
    replica_->want_snapshot();
    turn(0);
    ASSERT_EQ(begun(), 1u);
    write(set("newer", "value"));
    const std::optional<LogIndex> wanted = replica_->want_snapshot();
    EXPECT_EQ(wanted, replica_->indexes().applied);
    complete();
    ASSERT_EQ(begun(), 2u);
    EXPECT_EQ(recorder_.begun[1].index, wanted);
    complete();
    EXPECT_EQ(replica_->status().snapshot.index, wanted);
}

TEST_F(LoneReplica, AnOrderThatFailedIsCarriedOutLater) {
    lead();
    write(set("key", "value"));
    replica_->want_snapshot();
    turn();
    ASSERT_EQ(begun(), 1u);
    replica_->snapshot_failed();
    EXPECT_EQ(recorder_.given_up, 1);
    for (int i = 0; i < 49; ++i) turn(100);
    EXPECT_EQ(begun(), 1u) << "a disk that is full is not tried all the time";
    turn(200);
    EXPECT_EQ(begun(), 2u);
    complete();
    EXPECT_EQ(replica_->status().snapshot.index, recorder_.begun[1].index);
}

TEST_F(LoneReplica, OneThatCanNotBeReadIsTakenAnewAlsoOfTheSameEntry) {
    lead();
    write(set("key", "value"));
    replica_->want_snapshot();
    turn();
    complete();
    const raft::SnapshotId id = recorder_.begun[0];
    replica_->snapshot_unreadable({NodeId(1), {id.index - 1, id.term}, 0, 100});
    EXPECT_EQ(replica_->standing().unreadable_snapshot, std::nullopt) << "an older one may be gone";
    replica_->snapshot_unreadable({NodeId(1), id, 0, 100});
    EXPECT_EQ(replica_->standing().unreadable_snapshot, id.index);
    turn();
    ASSERT_EQ(begun(), 2u);
    EXPECT_EQ(recorder_.begun[1], id);
    complete();
    EXPECT_EQ(replica_->standing().unreadable_snapshot, std::nullopt);
    EXPECT_TRUE(recorder_.discarded.empty());
    for (int i = 0; i < 100; ++i) turn();
    EXPECT_EQ(begun(), 2u);
}

TEST_F(LoneReplica, AFileThatNobodyWaitsForAnyMoreIsDiscarded) {
    lead();
    write(set("key", "value"));
    const raft::SnapshotId stray{LogIndex(1), Term(1)};
    replica_->snapshot_written({stray, 100});
    EXPECT_EQ(recorder_.discarded, std::vector{stray});
    EXPECT_EQ(replica_->status().snapshot.index, LogIndex(0));
}

TEST(WantSnapshot, AReplicaWhoseStateIsTheOddOneOutTakesNone) {
    World world(3, 31);
    const auto write = [&](const std::string& prefix) {
        for (int i = 0; i < 20; ++i) world.ask(set(prefix + std::to_string(i), "v"));
    };
    write("a");
    const std::uint32_t follower = (world.leader() + 1) % 3;
    world.kill(follower);
    world.restart(follower, true);
    write("b");
    ASSERT_TRUE(world.until([&] { return world.replica(follower).standing().distrusted; }));
    EXPECT_EQ(world.replica(follower).want_snapshot(), std::nullopt);
}

class SmallLogs : public LoneReplica {
  protected:
    SmallLogs() : LoneReplica({.min_log_bytes = 100'000}) {}
    void write_large(int count) {
        const std::string value(10'000, 'v');
        for (int i = 0; i < count; ++i) {
            const auto item = replica_->store().find("key");
            write(item ? cas("key", item->version, value) : set("key", value));
        }
    }
};

TEST_F(SmallLogs, OneIsTakenWhenTheLogHasGrownAndTheLogIsCountedAnew) {
    lead();
    write_large(9);
    EXPECT_EQ(begun(), 0u);
    write_large(2);
    ASSERT_EQ(begun(), 1u);
    EXPECT_LE(recorder_.begun[0].index, replica_->indexes().applied);
    complete();
    EXPECT_LT(replica_->status().snapshot.log_bytes, 20'000u);
    write_large(11);
    EXPECT_EQ(begun(), 2u);
}

// Deletes hardly make any log, and the file stays as large as it was: here as if there had been ten
// times as much.
TEST_F(LoneReplica, OneIsTakenWhenTheLastFileIsTooLargeForWhatIsLeft) {
    lead();
    const std::string value(1 << 20, 'v');
    for (int i = 0; i < 40; ++i) write(set("k" + std::to_string(i), value));
    ASSERT_EQ(begun(), 0u);
    replica_->want_snapshot();
    turn();
    for (int i = 0; i < 10'000 && !recorder_.ended; ++i) turn(10);
    replica_->snapshot_written({recorder_.begun.back(), 400u << 20});
    recorder_.ended = false;
    recorder_.bytes = 0;
    turn();
    EXPECT_EQ(begun(), 1u) << "another one would be the same";
    write(del("k0"));
    ASSERT_EQ(begun(), 2u);
    complete();
    for (int i = 0; i < 100; ++i) turn(100);
    EXPECT_EQ(begun(), 2u) << "and once is enough";
    EXPECT_LT(replica_->status().snapshot.bytes, 41u << 20);
}

}  // namespace
}  // namespace raftkv::replica
