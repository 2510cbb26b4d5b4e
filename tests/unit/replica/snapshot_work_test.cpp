#include "node/replica/snapshot_work.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "cli/test/simulation/memory_disk.hpp"
#include "node/kv/command.hpp"

namespace raftkv::replica {
namespace {

using storage::MemoryDisk;
using Answers = std::vector<SnapshotAnswer>;

constexpr std::uint64_t cluster = 0x77;
const raft::SnapshotId taken{LogIndex(500), Term(3)};
const std::string file_name = "snapshot-00000000000000000500";

kv::Store some_store() {
    kv::Store store;
    for (std::uint64_t index = 1; index <= 500; ++index) {
        const std::string key = "key" + std::to_string(index);
        std::string bytes;
        kv::encode({kv::CommandOp::set, ClusterMs(1), 0, 0, key, std::string(1000, 'v')}, bytes);
        store.apply(LogIndex(index), bytes);
    }
    return store;
}

// A disk, what works on it, and what was answered.
struct Place {
    MemoryDisk disk;
    SnapshotWork work{disk, cluster};

    Result<Answers> ask(SnapshotTask task) {
        Answers answers;
        if (auto done = work.carry_out(std::move(task), answers); !done) return done.error();
        return answers;
    }
    // What must not fail.
    Answers sure(SnapshotTask task) {
        auto answers = ask(std::move(task));
        EXPECT_TRUE(answers) << answers.error().message;
        return answers ? std::move(*answers) : Answers();
    }
    Answers take(kv::Store& store) {
        Answers answers = sure(BeginSnapshot{taken});
        const auto add = [&](SnapshotTask task) {
            for (SnapshotAnswer& answer : sure(std::move(task)))
                answers.push_back(std::move(answer));
        };
        store.begin_snapshot();
        for (std::string chunk; store.read_snapshot(chunk); chunk.clear())
            if (!chunk.empty()) add(AddToSnapshot{chunk});
        add(EndSnapshot{});
        return answers;
    }
};

template <class Answer>
const Answer* only(const Answers& answers) {
    EXPECT_EQ(answers.size(), 1u);
    return answers.size() == 1 ? std::get_if<Answer>(&answers.front()) : nullptr;
}

raft::SnapshotInfo info_of(Place& place) {
    return {taken, place.disk.contents(file_name).size()};
}

// The piece of `size` bytes at `offset`.
raft::SnapshotPiece piece_of(Place& place, std::uint64_t offset, std::size_t size) {
    const std::string bytes = place.disk.contents(file_name);
    return {info_of(place), offset, SharedBytes::copy_of(bytes.substr(offset, size))};
}

Answers send_all(Place& from, Place& to, std::size_t piece_bytes) {
    Answers last;
    const std::uint64_t size = info_of(from).bytes;
    for (std::uint64_t offset = 0; offset < size; offset += piece_bytes)
        last = to.sure(piece_of(from, offset, piece_bytes));
    return last;
}

TEST(SnapshotWork, WritesWhatIsReadOutOfAStore) {
    Place place;
    kv::Store store = some_store();
    const Answers answers = place.take(store);
    const auto* written = only<SnapshotWritten>(answers);
    ASSERT_TRUE(written);
    EXPECT_EQ(written->info, info_of(place));
    place.disk.lose_power();
    EXPECT_EQ(place.disk.contents(file_name).size(), written->info.bytes);
}

TEST(SnapshotWork, LoadsWhatCameInPieces) {
    Place sender, receiver;
    kv::Store store = some_store();
    sender.take(store);
    const Answers answers = send_all(sender, receiver, 10'000);
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(std::get<SnapshotStored>(answers[0]).bytes, info_of(sender).bytes);
    const auto& received = std::get<SnapshotReceived>(answers[1]);
    EXPECT_EQ(received.info, info_of(sender));
    EXPECT_EQ(received.loaded.store.state_hash(), store.state_hash());
    EXPECT_EQ(receiver.disk.contents(file_name), sender.disk.contents(file_name));
}

TEST(SnapshotWork, SaysAfterEachPieceHowMuchIsThere) {
    Place sender, receiver;
    kv::Store store = some_store();
    sender.take(store);
    const Answers answers = receiver.sure(piece_of(sender, 0, 5000));
    const auto* stored = only<SnapshotStored>(answers);
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->bytes, 5000u);
}

TEST(SnapshotWork, APieceOutOfOrderBeginsItAnew) {
    Place sender, receiver;
    kv::Store store = some_store();
    sender.take(store);
    EXPECT_TRUE(only<SnapshotLost>(receiver.sure(piece_of(sender, 5000, 10)))) << "no beginning";
    receiver.sure(piece_of(sender, 0, 5000));
    EXPECT_TRUE(only<SnapshotLost>(receiver.sure(piece_of(sender, 6000, 10)))) << "a hole";
    EXPECT_TRUE(only<SnapshotLost>(receiver.sure(piece_of(sender, 5000, 10)))) << "all was dropped";
    EXPECT_EQ(send_all(sender, receiver, 50'000).size(), 2u);
}

TEST(SnapshotWork, DamageOnTheWayIsFoundAndLeavesNothing) {
    Place sender, receiver;
    kv::Store store = some_store();
    sender.take(store);
    std::string bytes = sender.disk.contents(file_name);
    bytes[bytes.size() / 2] ^= 1;
    const Answers answers =
        receiver.sure(raft::SnapshotPiece{info_of(sender), 0, SharedBytes::copy_of(bytes)});
    EXPECT_TRUE(only<SnapshotLost>(answers));
    EXPECT_TRUE(receiver.disk.all_contents().empty());
}

// Every sum is right, and the chunks are no state of a store.
TEST(SnapshotWork, WhatCannotBeLoadedIsRemoved) {
    Place sender, receiver;
    sender.sure(BeginSnapshot{taken});
    sender.sure(AddToSnapshot{"no store was ever like this"});
    EXPECT_TRUE(only<SnapshotWritten>(sender.sure(EndSnapshot{})));
    EXPECT_TRUE(only<SnapshotLost>(send_all(sender, receiver, 1 << 20)));
    EXPECT_TRUE(receiver.disk.all_contents().empty());
}

TEST(SnapshotWork, OfAnotherClusterIsNotTaken) {
    Place sender;
    kv::Store store = some_store();
    sender.take(store);
    MemoryDisk disk;
    SnapshotWork stranger(disk, cluster + 1);
    Answers answers;
    ASSERT_TRUE(stranger.carry_out(piece_of(sender, 0, info_of(sender).bytes), answers));
    EXPECT_TRUE(only<SnapshotLost>(answers));
}

TEST(SnapshotWork, WithoutSpaceComesToNothingAndTheNodeGoesOn) {
    Place place;
    place.disk.set_capacity(100'000);
    kv::Store store = some_store();
    const Answers answers = place.take(store);
    EXPECT_TRUE(only<SnapshotFailed>(answers)) << "said once, however much comes after";
    EXPECT_TRUE(place.disk.all_contents().empty());
    place.disk.set_capacity(std::nullopt);
    EXPECT_TRUE(only<SnapshotWritten>(place.take(store)));
}

TEST(SnapshotWork, WithoutSpaceForWhatComesInIsLost) {
    Place sender, receiver;
    kv::Store store = some_store();
    sender.take(store);
    receiver.disk.set_capacity(100'000);
    EXPECT_TRUE(only<SnapshotLost>(receiver.sure(piece_of(sender, 0, info_of(sender).bytes))));
    receiver.disk.set_capacity(std::nullopt);
    EXPECT_EQ(send_all(sender, receiver, 1 << 20).size(), 2u);
}

TEST(SnapshotWork, ADiskThatFailsIsTheEnd) {
    Place place;
    kv::Store store = some_store();
    place.disk.fail_next_sync();
    place.sure(BeginSnapshot{taken});
    store.begin_snapshot();
    std::string chunk;
    store.read_snapshot(chunk);
    place.sure(AddToSnapshot{chunk});
    const auto answers = place.ask(EndSnapshot{});
    ASSERT_FALSE(answers);
    EXPECT_EQ(answers.error().kind, ErrorKind::io);
}

TEST(SnapshotWork, GivenUpLeavesNothing) {
    Place place;
    place.sure(BeginSnapshot{taken});
    place.sure(AddToSnapshot{"a chunk"});
    EXPECT_TRUE(place.sure(GiveUpSnapshot{}).empty());
    EXPECT_TRUE(place.disk.all_contents().empty());
    EXPECT_TRUE(place.sure(EndSnapshot{}).empty()) << "nothing to end any more";
}

TEST(SnapshotWork, ReadsPiecesAndTellsWhenItIsGone) {
    Place place;
    kv::Store store = some_store();
    place.take(store);
    const raft::SnapshotFetch fetch{NodeId(1), taken, 100, 50};
    Answers answers = place.sure(fetch);
    const auto* fetched = only<SnapshotFetched>(answers);
    ASSERT_TRUE(fetched);
    EXPECT_EQ(fetched->bytes.view(), place.disk.contents(file_name).substr(100, 50));
    const raft::SnapshotFetch other{NodeId(1), {LogIndex(499), Term(3)}, 0, 50};
    answers = place.sure(other);
    ASSERT_TRUE(only<SnapshotUnreadable>(answers));
    EXPECT_NE(only<SnapshotUnreadable>(answers)->why.find("is missing"), std::string::npos);
}

// Whoever gets it would refuse it, and ask for it again, for ever.
TEST(SnapshotWork, SendsNothingThatIsDamaged) {
    Place place;
    kv::Store store = some_store();
    place.take(store);
    const std::uint64_t size = place.disk.contents(file_name).size();
    for (const std::uint64_t at : {std::uint64_t{10}, size / 2, size - 10}) {
        place.disk.flip_bit(file_name, at * 8);
        bool refused = false;
        for (std::uint64_t offset = 0; offset < size && !refused; offset += 50) {
            const auto answers = place.sure(raft::SnapshotFetch{NodeId(1), taken, offset, 50});
            ASSERT_EQ(answers.size(), 1u);
            refused = only<SnapshotUnreadable>(answers) != nullptr;
            EXPECT_TRUE(refused || offset <= at) << "what is damaged was sent: " << offset;
        }
        EXPECT_TRUE(refused) << at;
        place.disk.flip_bit(file_name, at * 8);
    }
    const auto whole = place.sure(raft::SnapshotFetch{NodeId(1), taken, 0, size});
    ASSERT_TRUE(only<SnapshotFetched>(whole));
    EXPECT_EQ(only<SnapshotFetched>(whole)->bytes.size(), size);
}

TEST(SnapshotWork, DiscardsAFileThatNeverCounts) {
    Place place;
    kv::Store store = some_store();
    place.take(store);
    place.sure(DiscardSnapshot{taken});
    EXPECT_TRUE(place.disk.all_contents().empty());
    place.sure(DiscardSnapshot{taken});  // somebody was faster
}

TEST(SnapshotWork, OneThatBeginsDropsOneThatCameIn) {
    Place sender, receiver;
    kv::Store store = some_store();
    sender.take(store);
    receiver.sure(piece_of(sender, 0, 5000));
    receiver.sure(BeginSnapshot{{LogIndex(600), Term(3)}});
    EXPECT_EQ(receiver.disk.all_contents().size(), 1u) << "only what is being taken";
}

}  // namespace
}  // namespace raftkv::replica
