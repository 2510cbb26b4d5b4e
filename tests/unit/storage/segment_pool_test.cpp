#include "node/storage/segment_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "cli/test/simulation/memory_disk.hpp"
#include "tests/unit/storage/log_fixture.hpp"

namespace raftkv::storage {
namespace {

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

}  // namespace
}  // namespace raftkv::storage
