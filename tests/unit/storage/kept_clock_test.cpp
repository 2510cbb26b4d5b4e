#include "node/storage/kept_clock.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "cli/test/simulation/memory_disk.hpp"

namespace raftkv::storage {
namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

TEST(KeptClock, OfANewFolderIsNone) {
    MemoryDisk disk;
    EXPECT_EQ(find_kept_clock(disk), std::nullopt);
}

TEST(KeptClock, IsWhatWasKeptLast) {
    MemoryDisk disk;
    for (const KeptClock& clock : {KeptClock{"0af3", 1, -1}, KeptClock{"0af3", 1, -1},
                                   KeptClock{"", 0, 0}, KeptClock{"b", least, most}}) {
        ASSERT_TRUE(replace_kept_clock(disk, clock));
        EXPECT_EQ(find_kept_clock(disk), clock);
        EXPECT_EQ(disk.all_contents().size(), 1u);
    }
}

TEST(KeptClock, OtherNamesAreNone) {
    MemoryDisk disk;
    for (const char* name :
         {"clock-", "clock", "clock-a.1", "clock-a.1.2.3", "clock-a.01.2", "clock-a.1.2x",
          "clock-a.1.99999999999999999999", "clock-a b.1.2", "clock-..", "promise-150"})
        ASSERT_TRUE(disk.open(name, OpenMode::create_new));
    EXPECT_EQ(find_kept_clock(disk), std::nullopt);
}

}  // namespace
}  // namespace raftkv::storage
