#include "cli/bench/disk.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "cli/test/work_folder.hpp"

namespace raftkv::bench {
namespace {

TEST(Disk, IsMeasuredAndLeftAsItWas) {
    const auto folder = test::WorkFolder::create();
    ASSERT_TRUE(folder.ok());
    const auto syncs = measure_syncs(folder->path());
    ASSERT_TRUE(syncs.ok()) << syncs.error().message;
    EXPECT_EQ(syncs->count(), 200u);
    EXPECT_GT(syncs->percentile(0.5), 0);
    const auto together = measure_syncs(folder->path(), 3, 10);
    ASSERT_TRUE(together.ok()) << together.error().message;
    EXPECT_EQ(together->count(), 30u);
    const auto rate = measure_write_rate(folder->path(), 100'000, 0.01);
    ASSERT_TRUE(rate.ok()) << rate.error().message;
    EXPECT_GT(*rate, 1000);
    EXPECT_TRUE(std::filesystem::is_empty(folder->path()));
}

TEST(Disk, SaysWhatCannotBeWritten) {
    const auto syncs = measure_syncs("/no/such/folder");
    ASSERT_FALSE(syncs.ok());
    EXPECT_EQ(syncs.error().kind, ErrorKind::io);
    EXPECT_NE(syncs.error().message.find("/no/such/folder"), std::string::npos);
    EXPECT_FALSE(measure_syncs("/no/such/folder", 3).ok());
    EXPECT_FALSE(measure_write_rate("/no/such/folder", 4096, 1).ok());
}

}  // namespace
}  // namespace raftkv::bench
