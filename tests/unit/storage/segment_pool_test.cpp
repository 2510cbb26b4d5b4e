#include "node/storage/segment_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "cli/test/simulation/memory_disk.hpp"
#include "node/storage/segment.hpp"
#include "tests/unit/storage/log_fixture.hpp"

namespace raftkv::storage {
namespace {

// A disk where making a file takes until it is let go.
class GatedDisk final : public Disk {
  public:
    Result<std::unique_ptr<File>> open(const std::string& name, OpenMode mode) override {
        if (mode == OpenMode::create_new && shut_) {
            reached_.set_value();
            gate_.get_future().wait();
        }
        return disk_.open(name, mode);
    }
    Result<std::vector<std::string>> list() override { return disk_.list(); }
    Result<void> rename(const std::string& from, const std::string& to) override {
        return disk_.rename(from, to);
    }
    Result<void> remove(const std::string& name) override { return disk_.remove(name); }
    Result<void> sync_folder() override { return disk_.sync_folder(); }
    std::string path_of(const std::string& name) const override { return disk_.path_of(name); }
    std::uint64_t random() override { return disk_.random(); }

    void shut() { shut_ = true; }
    void wait_until_reached() { reached_.get_future().wait(); }
    void let_go() { gate_.set_value(); }

  private:
    MemoryDisk disk_;
    std::atomic<bool> shut_ = false;
    std::promise<void> reached_, gate_;
};

// So much of the file that the pool makes next is reserved and not written.
std::uint64_t reserved_by(SegmentPool& pool, MemoryDisk& disk) {
    EXPECT_TRUE(pool.ensure(1));
    const std::string name = pool.take().name;
    EXPECT_TRUE(disk.sync_folder());
    EXPECT_TRUE(disk.is_durable(name, 0, small_segment));
    return disk.reserved_bytes(name);
}

TEST(SegmentPool, WritesZerosForSmallBatchesOnly) {
    MemoryDisk disk;
    SegmentPool pool(disk, {.segment_bytes = small_segment, .large_batch_bytes = 1000});
    EXPECT_EQ(reserved_by(pool, disk), 0u);
    pool.expect_batches_of(1000);
    EXPECT_EQ(reserved_by(pool, disk), small_segment);
    pool.expect_batches_of(999);
    EXPECT_EQ(reserved_by(pool, disk), 0u);
}

TEST(SegmentPool, WritesZerosForLargeBatchesTooWhereTheDiskCannotReserve) {
    MemoryDisk disk;
    disk.set_reserves(false);
    SegmentPool pool(disk, {.segment_bytes = small_segment, .large_batch_bytes = 0});
    EXPECT_EQ(reserved_by(pool, disk), 0u);
    EXPECT_EQ(disk.contents(unfinished_name(0)), std::string(small_segment, '\0'));
}

TEST(SegmentPool, KnowsWhatTheLogWritesBetweenTwoSyncs) {
    MemoryDisk disk;
    OpenedLog log = open_log(disk, 1u << 20);
    std::uint64_t index = 0;
    const auto reserved_after = [&](std::size_t batches, std::size_t bytes) {
        for (std::size_t i = 0; i < batches; ++i) {
            EXPECT_TRUE(log.wal->append(entries({command(++index, 1, std::string(bytes, 'x'))})));
            EXPECT_TRUE(log.wal->sync());
        }
        return disk.reserved_bytes(newest_segment(disk));
    };
    EXPECT_EQ(reserved_after(2000, 1000), 0u);
    EXPECT_GT(reserved_after(50, 200'000), 0u);
    EXPECT_EQ(reserved_after(4000, 1000), 0u);
}

TEST(SegmentPool, PreparesFilesOfZerosUnderTemporaryNames) {
    MemoryDisk disk;
    SegmentPool pool(disk, {.segment_bytes = small_segment});
    EXPECT_TRUE(pool.wants());
    ASSERT_TRUE(pool.prepare());
    EXPECT_FALSE(pool.wants());
    ASSERT_TRUE(pool.prepare());
    EXPECT_EQ(disk.all_contents().size(), 1u) << "one ahead is enough";
    ASSERT_TRUE(pool.ensure(3));
    for (int i = 0; i < 3; ++i) {
        PreparedSegment segment = pool.take();
        EXPECT_TRUE(segment.name.ends_with(".tmp"));
        EXPECT_EQ(disk.contents(segment.name), std::string(small_segment, '\0'));
    }
    EXPECT_TRUE(pool.wants());
}

TEST(SegmentPool, OneThreadPreparesWhileAnotherFillsTheLog) {
    MemoryDisk disk;
    {
        OpenedLog log = open_log(disk);
        std::atomic<bool> done = false;
        std::thread preparer([&] {
            while (!done) {
                if (log.wal->wants_segment()) {
                    EXPECT_TRUE(log.wal->prepare_segment());
                }
                std::this_thread::yield();
            }
        });
        for (std::uint64_t i = 1; i <= 2000; ++i) {
            auto write = entries({command(i, 1, std::string(i % 300, 'x'))});
            EXPECT_TRUE(log.wal->append(write));
            EXPECT_TRUE(log.wal->sync());
        }
        done = true;
        preparer.join();
    }
    EXPECT_EQ(open_log(disk).recovered.state.last_index, LogIndex(2000));
}

TEST(SegmentPool, AWriteThatHasRoomDoesNotWaitForTheSegmentBeingMade) {
    GatedDisk disk;
    OpenedLog log = open_log(disk);
    ASSERT_TRUE(log.wal->wants_segment());
    disk.shut();
    auto prepared = std::async(std::launch::async, [&] { return log.wal->prepare_segment().ok(); });
    disk.wait_until_reached();
    auto written = std::async(std::launch::async, [&] {
        return log.wal->append(entries({command(1, 1, "x")})).ok() && log.wal->sync().ok();
    });
    EXPECT_EQ(written.wait_for(std::chrono::seconds(10)), std::future_status::ready)
        << "the segment that is written to has room, and the write waited for the next one";
    disk.let_go();
    EXPECT_TRUE(prepared.get());
    EXPECT_TRUE(written.get());
}

}  // namespace
}  // namespace raftkv::storage
