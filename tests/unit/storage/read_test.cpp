#include <gtest/gtest.h>

#include <random>

#include "cli/test/simulation/memory_disk.hpp"
#include "tests/unit/storage/log_fixture.hpp"

namespace raftkv::storage {
namespace {

constexpr std::size_t no_limit = 1u << 30;

std::vector<PlainEntry> read(Wal& wal, std::uint64_t from, std::uint64_t to,
                             std::size_t max_bytes = no_limit) {
    auto entries = wal.read(LogIndex(from), LogIndex(to), max_bytes);
    EXPECT_TRUE(entries) << (entries ? "" : entries.error().message);
    return entries ? plain_all(*entries) : std::vector<PlainEntry>();
}

std::vector<PlainEntry> part(const std::vector<PlainEntry>& all, std::uint64_t from,
                             std::uint64_t to) {
    return {all.begin() + static_cast<std::ptrdiff_t>(from) - 1,
            all.begin() + static_cast<std::ptrdiff_t>(to)};
}

TEST(WalRead, GivesAnyRangeAcrossSegmentsAndTruncations) {
    MemoryDisk disk;
    LogModel model;
    OpenedLog log = open_log(disk);
    auto append = [&](const raft::LogWrite& write) {
        ASSERT_TRUE(log.wal->append(write));
        model.append(write);
    };
    std::mt19937_64 random(3);
    for (std::uint64_t term = 1; term <= 30; ++term) {
        append(vote(term, 1));
        std::uint64_t next = model.last_index() + 1;
        if (model.last_index() > 3) {
            next = model.last_index() - random() % 3;
            append(replace(next, {}));
        }
        for (std::uint64_t last = next + random() % 12; next <= last; ++next) {
            append(entries({command(next, term, std::string(random() % 90, 'x'))}));
        }
        ASSERT_TRUE(log.wal->sync());
    }
    const std::uint64_t last = model.last_index();
    for (int opened = 0; opened < 2; ++opened) {
        for (std::uint64_t from = 1; from <= last; ++from) {
            for (std::uint64_t to = from; to <= last; to += 1 + random() % 7) {
                ASSERT_EQ(read(*log.wal, from, to), part(model.now().entries, from, to))
                    << from << ".." << to;
            }
        }
        log = open_log(disk);  // and once more with the index that recovery has made
    }
}

TEST(WalRead, KeepsToTheLimitButGivesAtLeastOne) {
    MemoryDisk disk;
    OpenedLog log = open_log(disk, 1u << 20);
    const std::vector<raft::Entry> all{command(1, 1, std::string(100, 'a')),
                                       command(2, 1, std::string(100, 'b')),
                                       command(3, 1, std::string(100, 'c'))};
    ASSERT_TRUE(log.wal->append(entries(all)));
    ASSERT_TRUE(log.wal->sync());
    EXPECT_EQ(read(*log.wal, 1, 3, 0).size(), 1u);
    EXPECT_EQ(read(*log.wal, 1, 3, 199).size(), 1u);
    EXPECT_EQ(read(*log.wal, 1, 3, 200).size(), 2u);
    EXPECT_EQ(read(*log.wal, 2, 3, 300).size(), 2u);
}

TEST(WalRead, GivesNothingThatIsNotThereOrNotDurable) {
    MemoryDisk disk;
    OpenedLog log = open_log(disk);
    EXPECT_TRUE(read(*log.wal, 1, 5).empty());
    ASSERT_TRUE(log.wal->append(entries({command(1, 1, "a"), command(2, 1, "b")})));
    EXPECT_TRUE(read(*log.wal, 1, 5).empty()) << "not synced";
    ASSERT_TRUE(log.wal->sync());
    EXPECT_EQ(read(*log.wal, 1, 5).size(), 2u);
    EXPECT_TRUE(read(*log.wal, 3, 5).empty());
    EXPECT_TRUE(read(*log.wal, 2, 1).empty());
    ASSERT_TRUE(log.wal->append(replace(2, {command(2, 2, "B"), command(3, 2, "C")})));
    EXPECT_EQ(read(*log.wal, 1, 5), plain_all({command(1, 1, "a")}))
        << "void, its successor not synced";
    ASSERT_TRUE(log.wal->sync());
    EXPECT_EQ(read(*log.wal, 2, 5), plain_all({command(2, 2, "B"), command(3, 2, "C")}));
}

TEST(WalRead, NoticesDamageThatCameAfterTheStart) {
    MemoryDisk disk;
    OpenedLog log = open_log(disk);
    std::vector<raft::Entry> all;
    for (std::uint64_t i = 1; i <= 30; ++i) {
        all.push_back(command(i, 1, "payload"));
    }
    ASSERT_TRUE(log.wal->append(entries(all)));
    ASSERT_TRUE(log.wal->sync());
    auto files = disk.all_contents();
    auto first = files.lower_bound("wal-");
    first->second[4096 + 2 * 56 + 50] ^= 1;  // in the payload of entry 3
    disk.set_contents(first->first, first->second);
    EXPECT_EQ(read(*log.wal, 1, 2).size(), 2u);
    auto damaged = log.wal->read(LogIndex(1), LogIndex(30), no_limit);
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().kind, ErrorKind::corrupt);
    EXPECT_NE(damaged.error().message.find("entry 3"), std::string::npos)
        << damaged.error().message;
    EXPECT_NE(damaged.error().message.find(first->first), std::string::npos);
}

}  // namespace
}  // namespace raftkv::storage
