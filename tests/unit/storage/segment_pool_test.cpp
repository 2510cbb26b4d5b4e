#include "node/storage/segment_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "cli/test/simulation/memory_disk.hpp"
#include "tests/unit/storage/log_fixture.hpp"

namespace raftkv::storage {
namespace {

// Like the disk in memory but for what a test has in mind.
class DiskInBetween : public Disk {
  public:
    Result<std::unique_ptr<File>> open(const std::string& name, OpenMode mode) override {
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

  private:
    MemoryDisk disk_;
};

// A disk where making a file takes until it is let go.
class GatedDisk final : public DiskInBetween {
  public:
    Result<std::unique_ptr<File>> open(const std::string& name, OpenMode mode) override {
        if (mode == OpenMode::create_new && shut_) {
            reached_.set_value();
            gate_.get_future().wait();
        }
        return DiskInBetween::open(name, mode);
    }

    void shut() { shut_ = true; }
    void wait_until_reached() { reached_.get_future().wait(); }
    void let_go() { gate_.set_value(); }

  private:
    std::atomic<bool> shut_ = false;
    std::promise<void> reached_, gate_;
};

// A file system that keeps what it promises, and counts what is written to it.
class KeepingDisk final : public DiskInBetween {
  public:
    Result<std::unique_ptr<File>> open(const std::string& name, OpenMode mode) override {
        auto file = DiskInBetween::open(name, mode);
        if (!file) return file.error();
        return std::unique_ptr<File>(new KeepingFile(*this, std::move(*file)));
    }

    std::uint64_t written = 0;  // without what was only reserved

  private:
    class KeepingFile final : public File {
      public:
        KeepingFile(KeepingDisk& disk, std::unique_ptr<File> file)
            : disk_(disk), file_(std::move(file)) {}
        Result<void> write_at(std::uint64_t offset,
                              std::span<const std::string_view> pieces) override {
            for (std::string_view piece : pieces) disk_.written += piece.size();
            return file_->write_at(offset, pieces);
        }
        Result<void> sync() override { return file_->sync(); }
        Result<std::string> read_at(std::uint64_t offset, std::size_t size) override {
            return file_->read_at(offset, size);
        }
        Result<std::uint64_t> size() override { return file_->size(); }
        Result<bool> reserve(std::uint64_t size) override {
            const std::string zeros(size, '\0');
            const std::string_view piece = zeros;
            if (auto done = file_->write_at(0, {&piece, 1}); !done) return done.error();
            return true;
        }

      private:
        KeepingDisk& disk_;
        std::unique_ptr<File> file_;
    };
};

TEST(SegmentPool, WritesZerosForSmallBatchesOnly) {
    KeepingDisk disk;
    OpenedLog log = open_log(disk, 1u << 20);
    std::uint64_t records = 0, before = 0, index = 0;
    auto write = [&](std::size_t batches, std::size_t bytes) {
        before = disk.written;
        records = 0;
        for (std::size_t i = 0; i < batches; ++i) {
            auto batch = entries({command(++index, 1, std::string(bytes, 'x'))});
            records += bytes;
            ASSERT_TRUE(log.wal->append(batch));
            ASSERT_TRUE(log.wal->sync());
        }
    };
    write(2000, 1000);
    EXPECT_GT(disk.written - before, 2 * records) << "as many zeros as log";
    write(10, 200'000);  // into what was made for small ones
    write(40, 200'000);
    EXPECT_LT(disk.written - before, records * 11 / 10) << "and no zeros";
    write(2000, 1000);
    write(2000, 1000);
    EXPECT_GT(disk.written - before, 2 * records) << "and again";
}

TEST(SegmentPool, PreparesFilesOfZerosUnderTemporaryNames) {
    MemoryDisk disk;
    SegmentPool pool(disk, small_segment);
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
