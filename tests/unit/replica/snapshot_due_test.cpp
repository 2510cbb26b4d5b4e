#include "node/replica/snapshot_due.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "node/raft/log.hpp"
#include "node/storage/record.hpp"
#include "node/storage/segment.hpp"

namespace raftkv::replica {
namespace {

constexpr std::uint64_t kibibyte = 1 << 10, mebibyte = 1 << 20, gibibyte = 1 << 30;
constexpr std::uint64_t segment_size = 16 * mebibyte;
constexpr std::uint64_t cache_size = 16 * mebibyte;  // raft::Options::log_cache_bytes

// Keys that are overwritten again and again: what each takes.
struct Item {
    std::uint64_t bytes = 0;  // of key and value

    std::uint64_t payload() const { return bytes + 14; }  // of a set command
    std::uint64_t cost() const { return payload() + sizeof(raft::Entry); }
    std::uint64_t in_snapshot() const { return bytes + 17; }
    std::uint64_t in_memory() const { return bytes + 16; }
    // So many entries in whole segments, with a commit mark for each of them: a single client.
    std::uint64_t log_on_disk(std::uint64_t entries) const {
        const std::uint64_t record = storage::record_bytes(payload()) + storage::record_bytes(0);
        const std::uint64_t a_segment =
            (storage::entry_limit(segment_size) - storage::header_block_bytes) / record;
        return entries * segment_size / a_segment;
    }
};

SnapshotNeed need_of(const Item& item, std::uint64_t keys, std::uint64_t entries) {
    SnapshotNeed need;
    need.store_bytes = keys * item.in_memory();
    need.snapshot_bytes = keys * item.in_snapshot();
    need.last_snapshot_bytes = need.snapshot_bytes;
    need.log_bytes = entries * item.cost();
    need.log_entries = entries;
    return need;
}

// How many entries come until one is due.
std::uint64_t entries_until_due(const SnapshotOptions& options, const Item& item,
                                std::uint64_t keys) {
    std::uint64_t low = 0, high = 1;
    while (!snapshot_is_due(options, need_of(item, keys, high))) high *= 2;
    while (high - low > 1) {
        const std::uint64_t middle = low + (high - low) / 2;
        (snapshot_is_due(options, need_of(item, keys, middle)) ? high : low) = middle;
    }
    return high;
}

// What a folder takes when that one is done, and as many entries came meanwhile as the pace lets.
std::uint64_t disk_at_most(const SnapshotOptions& options, const Item& item, std::uint64_t keys) {
    const std::uint64_t snapshot = keys * item.in_snapshot();
    const std::uint64_t file = snapshot + snapshot / (64 * kibibyte) * 23 + 4 * kibibyte;
    const std::uint64_t grown =
        snapshot * logged_bytes / read_bytes_for + mebibyte;  // far behind, as it hurries
    const std::uint64_t entries = entries_until_due(options, item, keys) + cache_size / item.cost();
    return 2 * file + item.log_on_disk(entries) + grown + 3 * segment_size;
}

constexpr std::uint64_t item_sizes[] = {2,    10,    30,     100,          117,         300,
                                        1000, 10000, 100000, mebibyte - 5, 2 * mebibyte};
constexpr std::uint64_t data_sizes[] = {0,
                                        mebibyte,
                                        10 * mebibyte,
                                        100 * mebibyte,
                                        200 * mebibyte,
                                        400 * mebibyte,
                                        1 * gibibyte,
                                        10 * gibibyte,
                                        100 * gibibyte};

TEST(SnapshotDue, NeverTakesMoreDiskThanThreeTimesTheDataAndALittle) {
    const SnapshotOptions options;
    for (const std::uint64_t bytes : item_sizes) {
        for (const std::uint64_t amount : data_sizes) {
            const Item item{bytes};
            const std::uint64_t keys = amount / item.in_snapshot();
            const std::uint64_t live = keys * item.in_snapshot();
            EXPECT_EQ(disk_bound(options, live), 3 * live + 256 * mebibyte);
            EXPECT_LE(disk_at_most(options, item, keys), disk_bound(options, live))
                << bytes << " bytes a key, " << amount / mebibyte << " MiB";
        }
    }
}

TEST(SnapshotDue, OtherOptionsMoveTheBoundAndKeepIt) {
    SnapshotOptions options;
    options.ratio = 3;
    options.min_log_bytes = 16 * mebibyte;
    for (const std::uint64_t bytes : item_sizes) {
        const Item item{bytes};
        const std::uint64_t keys = gibibyte / item.in_snapshot();
        const std::uint64_t live = keys * item.in_snapshot();
        EXPECT_LE(disk_at_most(options, item, keys), 5 * live + 208 * mebibyte) << bytes;
    }
}

// The other side: each snapshot is paid for by enough of the log.
TEST(SnapshotDue, ComesNoEarlierThanItMust) {
    const SnapshotOptions options;
    for (const std::uint64_t bytes : item_sizes) {
        const Item item{bytes};
        for (const std::uint64_t amount : data_sizes) {
            const std::uint64_t keys = amount / item.in_snapshot();
            const std::uint64_t entries = entries_until_due(options, item, keys);
            EXPECT_GE(log_on_disk(entries * item.cost(), entries),
                      std::max(64 * mebibyte, amount / 5))
                << bytes << " bytes a key, " << amount / mebibyte << " MiB";
        }
        EXPECT_GE(entries_until_due(options, item, 0) * item.cost(), 64 * mebibyte) << bytes;
    }
}

TEST(SnapshotDue, WithLittleDataIsAMatterOfTheLogAlone) {
    const SnapshotOptions options;
    SnapshotNeed need;
    need.store_bytes = need.snapshot_bytes = need.last_snapshot_bytes = 10 * mebibyte;
    need.log_bytes = 64 * mebibyte;
    need.log_entries = 64;
    EXPECT_FALSE(snapshot_is_due(options, need));
    ++need.log_bytes;
    EXPECT_TRUE(snapshot_is_due(options, need));
    need.store_bytes = need.snapshot_bytes = need.last_snapshot_bytes = 100 * mebibyte;
    EXPECT_FALSE(snapshot_is_due(options, need)) << "not more than the data";
}

// All keys are deleted: hardly any log, and a file that takes as much as ever.
TEST(SnapshotDue, WhenTheLastOneIsFarLargerThanTheData) {
    const SnapshotOptions options;
    SnapshotNeed need;
    need.last_snapshot_bytes = gibibyte;
    need.log_bytes = mebibyte;
    need.log_entries = 1000;
    EXPECT_TRUE(snapshot_is_due(options, need));
    need.last_snapshot_bytes = 100;
    EXPECT_FALSE(snapshot_is_due(options, need)) << "once is enough";
    need.last_snapshot_bytes = gibibyte;
    need.log_entries = 0;
    EXPECT_FALSE(snapshot_is_due(options, need)) << "it would be the same";
}

TEST(SnapshotDue, WaitsForAFollowerThatIsBeingSentTheLastOneAndNotForEver) {
    const SnapshotOptions options;
    const Item item{1000};
    const std::uint64_t keys = gibibyte / item.in_snapshot();
    std::uint64_t entries = entries_until_due(options, item, keys);
    SnapshotNeed need = need_of(item, keys, entries);
    need.is_sending = true;
    EXPECT_FALSE(snapshot_is_due(options, need));
    while (!snapshot_is_due(options, need)) {
        need = need_of(item, keys, entries += 1000);
        need.is_sending = true;
    }
    EXPECT_NEAR(double(log_on_disk(need.log_bytes, need.log_entries)) / gibibyte, 1.4, 0.1)
        << "once more the data";
}

}  // namespace
}  // namespace raftkv::replica
