#include "node/server/faults/faulty_disk.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "cli/test/simulation/memory_disk.hpp"

namespace raftkv::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using storage::OpenMode;

class FaultyDiskTest : public testing::Test {
  protected:
    FaultyDiskTest() {
        auto memory = std::make_unique<storage::MemoryDisk>();
        memory_ = memory.get();
        disk_ = make_faulty_disk(std::move(memory), faults_);
        file_ = std::move(disk_->open("log", OpenMode::create_new)).value();
        EXPECT_TRUE(disk_->sync_folder().ok());
        EXPECT_TRUE(write(*file_, 0, "0123456789").ok());
    }

    static Result<void> write(storage::File& file, std::uint64_t offset, std::string_view bytes) {
        return file.write_at(offset, std::span(&bytes, 1));
    }

    DiskFaults faults_;
    storage::MemoryDisk* memory_ = nullptr;
    std::unique_ptr<storage::Disk> disk_;
    std::unique_ptr<storage::File> file_;
};

TEST_F(FaultyDiskTest, without_faults_it_is_the_disk) {
    ASSERT_TRUE(file_->sync().ok());
    ASSERT_TRUE(disk_->sync_folder().ok());
    EXPECT_EQ(*file_->read_at(2, 3), "234");
    EXPECT_EQ(*file_->size(), 10u);
    EXPECT_EQ(memory_->durable("log"), "0123456789");
    ASSERT_TRUE(disk_->rename("log", "old").ok());
    EXPECT_EQ(disk_->list()->front(), "old");
    ASSERT_TRUE(disk_->remove("old").ok());
    EXPECT_TRUE(disk_->list()->empty());
}

TEST_F(FaultyDiskTest, a_full_disk_gives_nothing_new_and_keeps_what_is_reserved) {
    faults_.set({.full = true});
    auto created = disk_->open("next", OpenMode::create_new);
    ASSERT_FALSE(created.ok());
    EXPECT_EQ(created.error().kind, ErrorKind::no_space);
    EXPECT_EQ(file_->reserve(20).error().kind, ErrorKind::no_space);
    EXPECT_EQ(write(*file_, 8, "abc").error().kind, ErrorKind::no_space);
    EXPECT_TRUE(write(*file_, 7, "abc").ok());
    EXPECT_TRUE(file_->sync().ok());
    EXPECT_TRUE(disk_->open("log", OpenMode::read_only).ok());
    faults_.set({});
    EXPECT_TRUE(disk_->open("next", OpenMode::create_new).ok());
    EXPECT_TRUE(file_->reserve(20).ok());
}

TEST_F(FaultyDiskTest, a_failing_sync_leaves_nothing_durable) {
    faults_.set({.fails = true});
    auto synced = file_->sync();
    ASSERT_FALSE(synced.ok());
    EXPECT_EQ(synced.error().kind, ErrorKind::io);
    EXPECT_EQ(disk_->sync_folder().error().kind, ErrorKind::io);
    EXPECT_NE(memory_->durable("log"), "0123456789");
}

TEST_F(FaultyDiskTest, a_slow_sync_takes_its_time) {
    faults_.set({.slow_ms = 30});
    auto begin = steady_clock::now();
    ASSERT_TRUE(file_->sync().ok());
    EXPECT_GE(steady_clock::now() - begin, milliseconds(30));
    EXPECT_EQ(memory_->durable("log"), "0123456789");
}

// A sync on a thread of its own, as the log has.
class SyncThread {
  public:
    explicit SyncThread(storage::File& file)
        : thread_([this, &file] {
              ok_ = file.sync().ok();
              done_ = true;
          }) {}
    ~SyncThread() { thread_.join(); }
    bool done() const { return done_; }
    bool ok() const { return ok_; }
    bool ends() const {
        auto deadline = steady_clock::now() + std::chrono::seconds(10);
        while (!done_ && steady_clock::now() < deadline) ::poll(nullptr, 0, 1);
        return done_;
    }

  private:
    std::atomic<bool> done_{false}, ok_{false};
    std::thread thread_;
};

TEST_F(FaultyDiskTest, a_stalled_sync_has_done_nothing_until_it_is_let_go) {
    faults_.set({.stalled = true});
    {
        SyncThread sync(*file_);
        ::poll(nullptr, 0, 20);
        EXPECT_FALSE(sync.done());
        EXPECT_NE(memory_->durable("log"), "0123456789");
        faults_.set({});
        EXPECT_TRUE(sync.ends());
        EXPECT_TRUE(sync.ok());
    }
    EXPECT_EQ(memory_->durable("log"), "0123456789");
}

TEST_F(FaultyDiskTest, what_waits_meets_the_next_fault_at_once) {
    faults_.set({.slow_ms = 3'600'000});
    SyncThread sync(*file_);
    faults_.set({.stalled = true});
    faults_.set({.fails = true});
    EXPECT_TRUE(sync.ends());
    EXPECT_FALSE(sync.ok());
}

}  // namespace
}  // namespace raftkv::server
