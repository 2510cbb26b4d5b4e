#include "cli/bench/disk.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "cli/test/work_folder.hpp"

namespace raftkv::bench {
namespace {

TEST(Disk, IsMeasuredAndLeftAsItWas) {
    const auto folder = test::WorkFolder::create();
    ASSERT_TRUE(folder.ok());
    const auto sync_us = measure_sync_us(folder->path());
    ASSERT_TRUE(sync_us.ok()) << sync_us.error().message;
    EXPECT_GT(*sync_us, 0);
    const auto syncs_us = measure_sync_us(folder->path(), 3);
    ASSERT_TRUE(syncs_us.ok()) << syncs_us.error().message;
    EXPECT_GT(*syncs_us, 0);
    const auto rate = measure_write_rate(folder->path(), 100'000, 0.01);
    ASSERT_TRUE(rate.ok()) << rate.error().message;
    EXPECT_GT(*rate, 1000);
    EXPECT_TRUE(std::filesystem::is_empty(folder->path()));
}

TEST(Disk, SaysWhatCannotBeWritten) {
    const auto sync_us = measure_sync_us("/no/such/folder");
    ASSERT_FALSE(sync_us.ok());
    EXPECT_EQ(sync_us.error().kind, ErrorKind::io);
    EXPECT_NE(sync_us.error().message.find("/no/such/folder"), std::string::npos);
    EXPECT_FALSE(measure_sync_us("/no/such/folder", 3).ok());
    EXPECT_FALSE(measure_write_rate("/no/such/folder", 4096, 1).ok());
}

}  // namespace
}  // namespace raftkv::bench
