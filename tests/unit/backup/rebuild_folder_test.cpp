#include "cli/cluster/backup/rebuild_folder.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "node/kv/command.hpp"
#include "node/replica/store_sink.hpp"
#include "node/storage/posix_disk.hpp"
#include "node/storage/snapshot_writer.hpp"
#include "node/storage/wal.hpp"

namespace raftkv::cli::backup {
namespace {

namespace fs = std::filesystem;
using raft::SnapshotId;

constexpr std::uint64_t cluster = 77;
constexpr std::uint64_t folder_name = 4711;
const NodeId self(2);
const storage::Identity identity{
    .cluster_id = cluster, .config_id = 5, .node_id = self, .new_folder = folder_name};

std::string set_command(const std::string& key, const std::string& value) {
    kv::Command command;
    command.op = kv::CommandOp::set;
    command.key = key;
    command.value = value;
    std::string bytes;
    kv::encode(command, bytes);
    return bytes;
}

std::string key_of(std::uint64_t index) {
    return "key-" + std::to_string(index);
}

raft::Entry entry(std::uint64_t index, std::uint64_t term, const std::string& value) {
    return {LogIndex(index), Term(term), raft::EntryKind::command,
            SharedBytes::copy_of(set_command(key_of(index), value))};
}

// What each entry sets, in the state of somebody who applied everything up to `last`.
kv::Store state_after(std::uint64_t last, const std::string& value) {
    kv::Store store;
    for (std::uint64_t index = 1; index <= last; ++index)
        store.apply(LogIndex(index), set_command(key_of(index), value));
    return store;
}

void write_snapshot(const fs::path& folder, const SnapshotId& id, kv::Store state,
                    std::uint64_t of_cluster = cluster) {
    auto disk = storage::open_posix_disk(folder.string());
    ASSERT_TRUE(disk.ok());
    auto writer = storage::SnapshotWriter::create(**disk, {of_cluster, id, ""});
    ASSERT_TRUE(writer.ok());
    state.begin_snapshot();
    for (bool more = true; more;) {
        std::string chunk;
        more = state.read_snapshot(chunk);
        if (chunk.empty()) continue;
        ASSERT_TRUE((*writer)->add(chunk).ok());
    }
    ASSERT_TRUE((*writer)->finish().ok());
}

struct Found {
    storage::Recovered log;
    kv::Store store;
};

// Node 2 with ten entries of terms 1 and 3, of which six are committed, and a vote in term 4. All
// of its own values are "wrong".
class RebuildFolder : public testing::Test {
  protected:
    RebuildFolder() {
        std::string pattern = testing::TempDir() + "raftkv-rebuild-XXXXXX";
        config_.data_path = ::mkdtemp(pattern.data());
        config_.cluster_id = 5;
        config_.segment_mib = 1;
        auto wal = open();
        raft::LogWrite write;
        write.hard_state = raft::HardState{Term(4), NodeId(1)};
        for (std::uint64_t index = 1; index <= 10; ++index)
            write.entries.push_back(entry(index, index <= 8 ? 1 : 3, "wrong"));
        write.commit = LogIndex(6);
        EXPECT_TRUE(wal->append(write).ok());
        EXPECT_TRUE(wal->sync().ok());
        close(std::move(wal));
    }
    ~RebuildFolder() override {
        std::error_code ignored;
        fs::remove_all(config_.data_path, ignored);
    }

    std::unique_ptr<storage::Wal> open() {
        disk_ = storage::open_posix_disk(config_.node_path(self).string()).value();
        replica::StoreSink sink;
        auto wal = storage::Wal::open(*disk_, identity, {1u << 20}, sink, found_.log);
        EXPECT_TRUE(wal.ok()) << wal.error().message;
        found_.store = std::move(sink.store());
        return wal ? std::move(*wal) : nullptr;
    }
    void close(std::unique_ptr<storage::Wal> wal) {
        wal.reset();
        disk_.reset();
    }
    // What the node starts from.
    const Found& found() {
        close(open());
        return found_;
    }

    // The node's own snapshot, of a state that is wrong, counts from now on.
    void take_own_snapshot(std::uint64_t index) {
        const fs::path aside = config_.data_path / "own";
        write_snapshot(aside, {LogIndex(index), Term(1)}, state_after(index, "wrong"));
        // Whoever opens a log clears away what does not count, so it is moved there after that.
        auto wal = open();
        const std::string name = storage::snapshot_name(LogIndex(index));
        fs::rename(aside / name, config_.node_path(self) / name);
        raft::LogWrite write;
        write.snapshot = raft::SnapshotMark{{LogIndex(index), Term(1)}, LogIndex(index + 1)};
        write.commit = LogIndex(index);
        ASSERT_TRUE(wal->append(write).ok());
        ASSERT_TRUE(wal->sync().ok());
        close(std::move(wal));
    }

    Result<void> rebuild(const SnapshotId& id, std::uint64_t of_cluster = cluster) {
        const fs::path source = config_.data_path / "source";
        write_snapshot(source, id, state_after(id.index.value(), "right"), of_cluster);
        return rebuild_folder(config_, self, source / storage::snapshot_name(id.index));
    }

    void expect_promises_kept() {
        EXPECT_EQ(found_.log.state.hard_state.term, Term(4));
        EXPECT_EQ(found_.log.state.hard_state.vote, NodeId(1));
        EXPECT_EQ(found_.log.folder, folder_name);
        EXPECT_EQ(found_.log.cluster_id, cluster);
    }

    ClusterConfig config_;
    std::unique_ptr<storage::Disk> disk_;
    Found found_;
};

TEST_F(RebuildFolder, KeepsTermVoteNameAndTheEntriesAfterTheSnapshot) {
    const auto done = rebuild({LogIndex(8), Term(1)});
    ASSERT_TRUE(done.ok()) << done.error().message;
    const Found& now = found();
    expect_promises_kept();
    EXPECT_EQ(now.log.state.snapshot->id, (SnapshotId{LogIndex(8), Term(1)}));
    EXPECT_EQ(now.log.state.commit, LogIndex(8));
    ASSERT_EQ(now.log.state.tail.size(), 2u) << "what it acknowledged is there";
    EXPECT_EQ(now.log.state.tail[1].index, LogIndex(10));
    EXPECT_EQ(now.log.state.tail[1].term, Term(3));
    EXPECT_EQ(now.store.state_hash(), state_after(8, "right").state_hash());
}

TEST_F(RebuildFolder, WhatIsCommittedAfterTheSnapshotIsAppliedToTheNewState) {
    ASSERT_TRUE(rebuild({LogIndex(4), Term(1)}).ok());
    kv::Store expected = state_after(4, "right");
    for (const std::uint64_t index : {5u, 6u})
        expected.apply(LogIndex(index), set_command(key_of(index), "wrong"));
    EXPECT_EQ(found().store.state_hash(), expected.state_hash());
    EXPECT_EQ(found_.log.state.commit, LogIndex(6));
    EXPECT_EQ(found_.log.state.last_index, LogIndex(10));
}

TEST_F(RebuildFolder, OfALaterEntryThanTheLogHasItGoesOnAfterThat) {
    ASSERT_TRUE(rebuild({LogIndex(20), Term(3)}).ok());
    EXPECT_EQ(found().log.state.last_index, LogIndex(20));
    expect_promises_kept();
    EXPECT_EQ(found_.store.state_hash(), state_after(20, "right").state_hash());
}

TEST_F(RebuildFolder, EntriesOfAnotherTermThanTheSnapshotsAreVoid) {
    ASSERT_TRUE(rebuild({LogIndex(8), Term(2)}).ok());
    EXPECT_EQ(found().log.state.last_index, LogIndex(8)) << "9 and 10 came after another 8";
    expect_promises_kept();
}

TEST_F(RebuildFolder, TheNodesOwnSnapshotIsReplacedEvenByOneOfTheSameEntry) {
    take_own_snapshot(6);
    EXPECT_EQ(found().store.state_hash(), state_after(6, "wrong").state_hash());
    const auto done = rebuild({LogIndex(6), Term(1)});
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(found().store.state_hash(), state_after(6, "right").state_hash());
    EXPECT_EQ(found_.log.state.last_index, LogIndex(10));
    expect_promises_kept();
    ASSERT_TRUE(rebuild({LogIndex(10), Term(3)}).ok());
    EXPECT_EQ(found().store.state_hash(), state_after(10, "right").state_hash());
}

TEST_F(RebuildFolder, NothingChangesWhereTheSnapshotDoesNotFit) {
    take_own_snapshot(6);
    const std::uint64_t before = found().store.state_hash();
    const auto refused = [&](const SnapshotId& id, std::uint64_t of_cluster, ErrorKind kind) {
        const auto done = rebuild(id, of_cluster);
        ASSERT_FALSE(done.ok());
        EXPECT_EQ(done.error().kind, kind) << done.error().message;
        EXPECT_EQ(found().store.state_hash(), before);
        EXPECT_EQ(found_.log.state.last_index, LogIndex(10));
    };
    refused({LogIndex(5), Term(1)}, cluster, ErrorKind::failed);
    refused({LogIndex(8), Term(1)}, cluster + 1, ErrorKind::usage);
    refused({LogIndex(6), Term(2)}, cluster, ErrorKind::corrupt);
}

TEST_F(RebuildFolder, WhileTheNodeHasItsFolderItIsNotTouched) {
    const auto wal = open();
    const auto done = rebuild({LogIndex(8), Term(1)});
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().kind, ErrorKind::failed);
}

}  // namespace
}  // namespace raftkv::cli::backup
