#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "node/server/log_thread.hpp"
#include "node/storage/posix_disk.hpp"
#include "node/storage/snapshot_writer.hpp"
#include "tests/unit/server/wait.hpp"
#include "tests/unit/storage/plain_sink.hpp"

// The log's threads over a real log in a real folder.

namespace raftkv::server {
namespace {

class LogThreadOnDisk : public testing::Test {
  protected:
    LogThreadOnDisk() {
        std::string pattern = (std::filesystem::temp_directory_path() / "raftkv-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~LogThreadOnDisk() override { std::filesystem::remove_all(folder_); }

    std::unique_ptr<storage::Wal> open(storage::Recovered& recovered) {
        if (!disk_) {
            auto disk = storage::open_posix_disk(folder_);
            EXPECT_TRUE(disk.ok());
            disk_ = std::move(disk).value();
        }
        storage::WalOptions options;
        options.segment_bytes = 64u << 10;  // so that many are prepared and filled
        storage::PlainSink sink;
        auto wal = storage::Wal::open(
            *disk_, {.cluster_id = 1, .config_id = 1, .node_id = NodeId(1), .new_folder = 1},
            options, sink, recovered);
        EXPECT_TRUE(wal.ok());
        return std::move(wal).value();
    }

    std::string folder_;
    std::unique_ptr<storage::Disk> disk_;
};

raft::LogWrite write_of(std::uint64_t number) {
    raft::LogWrite write;
    write.sequence = number;
    write.entries.push_back({LogIndex(number), Term(1), raft::EntryKind::command,
                             SharedBytes::copy_of(std::string(1000, 'x'))});
    return write;
}

TEST_F(LogThreadOnDisk, fills_many_segments_while_the_next_are_prepared_and_old_entries_are_read) {
    constexpr std::uint64_t count = 1000;
    storage::Recovered recovered;
    {
        LogThread log(open(recovered), [] {});
        std::uint64_t submitted = 0, persisted = 0, fetched = 0;
        ASSERT_TRUE(comes_true([&] {
            for (int i = 0; i < 10 && submitted < count; ++i) log.submit(write_of(++submitted));
            if (persisted > 0) log.fetch({NodeId(2), LogIndex(1), LogIndex(persisted), 4000});
            LogThread::Done done = log.collect();
            if (done.persisted) persisted = *done.persisted;
            for (const auto& answer : done.fetched) {
                EXPECT_EQ(answer.entries.front().index, LogIndex(1));
                fetched += answer.entries.size();
            }
            return persisted == count && fetched > 0;
        }));
        EXPECT_GT(log.stats().log_bytes, 512u << 10);
    }
    auto reopened = open(recovered);
    EXPECT_EQ(recovered.state.last_index, LogIndex(count));
    EXPECT_EQ(recovered.repaired, "");
}

void place_snapshot(storage::Disk& disk, const raft::SnapshotId& id) {
    auto writer = storage::SnapshotWriter::create(disk, {1, id, ""});
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->add("the state").ok());
    ASSERT_TRUE((*writer)->finish().ok());
}

TEST_F(LogThreadOnDisk, forgets_what_snapshots_hold_while_it_is_written_and_read) {
    constexpr std::uint64_t count = 2000, snapshot_every = 200;
    storage::Recovered recovered;
    {
        LogThread log(open(recovered), [] {});
        std::uint64_t submitted = 0, persisted = 0, next_snapshot = snapshot_every;
        ASSERT_TRUE(comes_true([&] {
            for (int i = 0; i < 10 && submitted < count; ++i) log.submit(write_of(++submitted));
            if (persisted > 0) log.fetch({NodeId(2), LogIndex(persisted), LogIndex(persisted), 1});
            LogThread::Done done = log.collect();
            if (done.persisted) persisted = *done.persisted;
            if (persisted >= next_snapshot) {
                raft::LogWrite write;
                write.sequence = submitted;
                const raft::SnapshotId id{LogIndex(next_snapshot), Term(1)};
                write.snapshot = raft::SnapshotMark{id, LogIndex(next_snapshot + 1)};
                place_snapshot(*disk_, id);
                log.submit(std::move(write));
                next_snapshot += snapshot_every;
            }
            return persisted == count && next_snapshot > count;
        }));
    }
    {
        LogThread log(open(recovered), [] {});  // removes what is left to be removed
        EXPECT_TRUE(comes_true([&] {
            const auto names = disk_->list();
            return names.ok() && names->size() < 10;
        }));
    }
    auto reopened = open(recovered);
    EXPECT_EQ(recovered.state.last_index, LogIndex(count));
    ASSERT_TRUE(recovered.state.snapshot);
    EXPECT_EQ(recovered.state.snapshot->id.index, LogIndex(count));
    EXPECT_GT(recovered.state.first_index, LogIndex(count - 200));
}

}  // namespace
}  // namespace raftkv::server
