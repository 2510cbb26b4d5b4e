#include "node/storage/promise.hpp"

#include <gtest/gtest.h>

#include "cli/test/simulation/memory_disk.hpp"

namespace raftkv::storage {
namespace {

TEST(Promise, OfANewFolderIsNone) {
    MemoryDisk disk;
    EXPECT_EQ(find_promise_ms(disk).value(), 0u);
    ASSERT_TRUE(replace_promise_ms(disk, 0));
    EXPECT_TRUE(disk.all_contents().empty());
}

TEST(Promise, IsWhatWasWrittenLastWhetherLongerOrShorter) {
    MemoryDisk disk;
    for (const std::uint32_t promise_ms : {150u, 400u, 150u, 150u, 0u, 20u}) {
        ASSERT_TRUE(replace_promise_ms(disk, promise_ms));
        EXPECT_EQ(find_promise_ms(disk).value(), promise_ms);
        EXPECT_EQ(disk.all_contents().size(), promise_ms == 0 ? 0u : 1u);
    }
}

TEST(Promise, OtherNamesAreNone) {
    MemoryDisk disk;
    for (const char* name : {"promise-", "promise-7x", "promise-07", "promise-99999999999",
                             "promise-4294967295", "wal"})
        ASSERT_TRUE(disk.open(name, OpenMode::create_new));
    EXPECT_EQ(find_promise_ms(disk).value(), 0u);
}

// Whichever operation the power goes in, and whatever the disk loses then.
TEST(Promise, IsNeverForgottenBeforeTheNextOneIsKept) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        for (std::uint64_t at = 0; at < 4; ++at) {
            MemoryDisk disk(seed);
            ASSERT_TRUE(replace_promise_ms(disk, 150));
            disk.die_at(disk.operations() + at);
            (void)replace_promise_ms(disk, 300);
            disk.lose_power();
            const std::uint32_t found = find_promise_ms(disk).value();
            EXPECT_TRUE(found == 150 || found == 300) << found;
        }
    }
}

}  // namespace
}  // namespace raftkv::storage
