#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "cli/test/simulation/memory_disk.hpp"
#include "node/storage/durable_end.hpp"
#include "node/storage/entry_walk.hpp"
#include "node/storage/folder_look.hpp"
#include "node/storage/posix_disk.hpp"
#include "tests/unit/storage/log_fixture.hpp"
#include "tests/unit/storage/plain_sink.hpp"

// What is said of a folder whose node does not run, whole or damaged.

namespace raftkv::storage {
namespace {

class Look : public testing::Test {
  protected:
    // Entries 1 to 30 in several segments, a snapshot of 10, of which little is gone.
    void SetUp() override {
        OpenedLog log = open_log(disk_);
        append(*log.wal, vote(1, 1));
        for (std::uint64_t i = 1; i <= 30; ++i) {
            append(*log.wal, entries({command(i, 1, "payload")}, i - 1));
        }
        append(*log.wal, snapshot(10, 1, 11));
        ASSERT_TRUE(log.wal->clean_up());
    }

    void append(Wal& wal, const raft::LogWrite& write) {
        if (write.snapshot) {
            ASSERT_TRUE(place_snapshot(disk_, write.snapshot->id));
        }
        ASSERT_TRUE(wal.append(write));
        ASSERT_TRUE(wal.sync());
    }

    // Nothing may be changed by it.
    FolderLook look() {
        const auto before = disk_.all_contents();
        const std::uint64_t operations = disk_.operations();
        auto look = look_at_folder(disk_, sink_);
        EXPECT_EQ(disk_.all_contents(), before);
        EXPECT_EQ(disk_.operations(), operations);
        EXPECT_TRUE(look) << (look ? "" : look.error().message);
        return look ? *look : FolderLook();
    }

    std::vector<std::uint64_t> walk(std::uint64_t from, std::uint64_t to) {
        const auto files = list_folder(disk_);
        std::vector<std::uint64_t> indexes;
        auto walk = walk_entries(disk_, files->log, {LogIndex(from), LogIndex(to)},
                                 [&](const raft::Entry& entry, bool committed) {
                                     indexes.push_back(entry.index.value());
                                     committed_ = committed ? entry.index : committed_;
                                 });
        EXPECT_TRUE(walk);
        if (walk->damages.empty()) {
            EXPECT_EQ(walk->commit, commit_);
            EXPECT_LE(committed_, commit_);
        }
        damages_ = walk->damages;
        return indexes;
    }

    std::string segment(std::size_t which) const {
        std::vector<std::string> names;
        for (const auto& [name, bytes] : disk_.all_contents()) {
            if (parse_segment_name(name)) {
                names.push_back(name);
            }
        }
        return names.at(which);
    }

    MemoryDisk disk_;
    PlainSink sink_;
    LogIndex commit_{29};
    LogIndex committed_;  // the last entry that was said to be
    std::vector<Damage> damages_;
};

TEST_F(Look, SaysAllOfAWholeFolder) {
    const FolderLook found = look();
    EXPECT_FALSE(found.refusal);
    EXPECT_EQ(found.repair, "");
    EXPECT_EQ(found.identity->node_id, 2u);
    EXPECT_EQ(found.state.commit, LogIndex(29));
    EXPECT_EQ(found.state.last_index, LogIndex(30));
    EXPECT_EQ(found.state.snapshot->id.index, LogIndex(10));
    ASSERT_EQ(found.snapshots.size(), 1u);
    EXPECT_EQ(found.snapshots[0].totals.chunks, 2u);
    EXPECT_FALSE(found.snapshots[0].damage);
    std::uint64_t entries = 0;
    for (const SegmentLook& segment : found.segments) {
        EXPECT_FALSE(segment.damage);
        entries += segment.records[static_cast<std::size_t>(RecordKind::entry)];
    }
    EXPECT_EQ(entries, 30 - found.segments.front().first_entry->value() + 1);
    EXPECT_EQ(sink_.committed_entries.size(), 19u);
}

TEST_F(Look, NamesEveryDamagedFile) {
    disk_.flip_bit(segment(0), (header_block_bytes + 50) * 8);
    disk_.flip_bit(segment(1), (header_block_bytes + 50) * 8);
    disk_.flip_bit(snapshot_name(LogIndex(10)), 100 * 8);
    const FolderLook found = look();
    ASSERT_TRUE(found.refusal);
    EXPECT_EQ(found.refusal->kind, ErrorKind::corrupt);
    EXPECT_EQ(found.segments[0].damage->offset, header_block_bytes);
    EXPECT_EQ(found.segments[1].damage->offset, header_block_bytes);
    EXPECT_FALSE(found.segments[2].damage);
    EXPECT_EQ(found.snapshots[0].damage->file, snapshot_name(LogIndex(10)));
}

TEST_F(Look, TellsATornTailFromDamage) {
    const std::string last = std::prev(disk_.all_contents().end())->first;
    const std::string bytes = disk_.contents(last);
    const std::size_t end = (bytes.find_last_not_of('\0') + 8) / 8 * 8;
    disk_.damage(last, end, "what a crash left");
    const FolderLook found = look();
    EXPECT_FALSE(found.refusal);
    EXPECT_NE(found.repair.find("torn tail"), std::string::npos);
    EXPECT_GT(found.segments.back().torn_bytes, 0u);
    EXPECT_FALSE(found.segments.back().damage);
}

TEST_F(Look, SaysWhatIsMissing) {
    ASSERT_TRUE(disk_.remove(snapshot_name(LogIndex(10))));
    const FolderLook found = look();
    ASSERT_TRUE(found.refusal);
    EXPECT_NE(found.refusal->message.find("missing"), std::string::npos);
    ASSERT_TRUE(disk_.remove("identity"));
    const FolderLook more = look();
    EXPECT_FALSE(more.identity);
    EXPECT_NE(more.refusal->message.find("identity is missing"), std::string::npos);
}

TEST_F(Look, ADamagedIdentityIsRefused) {
    disk_.flip_bit("identity", 100);
    const FolderLook found = look();
    EXPECT_FALSE(found.identity);
    ASSERT_TRUE(found.refusal);
    EXPECT_EQ(found.refusal->kind, ErrorKind::corrupt);
    EXPECT_FALSE(found.segments.empty()) << "and all the rest is looked at";
}

TEST_F(Look, AFolderOfSomethingElseIsNoLog) {
    MemoryDisk other;
    other.set_contents("notes.txt", "somebody's");
    auto found = look_at_folder(other, sink_);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::usage);
}

// Any damage is said, wherever it is, and nothing comes of it but words.
TEST_F(Look, NoDamageIsTooMuch) {
    const auto good = disk_.all_contents();
    for (const auto& [name, bytes] : good) {
        for (std::size_t at = 0; at < bytes.size(); at += 97) {
            disk_.set_all_contents(good);
            disk_.flip_bit(name, at * 8 + at % 8);
            look();
            walk(1, 30);
            ASSERT_FALSE(HasFailure()) << name << " at " << at;
        }
        disk_.set_all_contents(good);
        disk_.set_contents(name, bytes.substr(0, bytes.size() / 2));
        const bool is_there_twice = name == durable_end_name;
        EXPECT_NE(look().refusal.has_value(), is_there_twice) << name;
        walk(1, 30);
    }
}

TEST_F(Look, WalksOverTheEntriesOfARange) {
    EXPECT_EQ(walk(12, 14), (std::vector<std::uint64_t>{12, 13, 14}));
    EXPECT_EQ(walk(28, 1000), (std::vector<std::uint64_t>{28, 29, 30}));
    EXPECT_EQ(committed_, LogIndex(29));
    EXPECT_TRUE(walk(31, 1000).empty());
    EXPECT_TRUE(walk(14, 12).empty());
    EXPECT_GT(walk(1, 30).front(), 1u) << "what is gone is gone";
    EXPECT_TRUE(damages_.empty());
}

TEST_F(Look, WalksOverNoEntryThatIsVoid) {
    {
        OpenedLog log = open_log(disk_);
        append(*log.wal, entries({command(31, 1, "void"), command(32, 1, "void")}));
        append(*log.wal, replace(31, {command(31, 2, "there")}));
    }
    EXPECT_EQ(walk(30, 40), (std::vector<std::uint64_t>{30, 31}));
    {
        OpenedLog log = open_log(disk_);
        append(*log.wal, snapshot(100, 3, 101));
        append(*log.wal, entries({command(101, 3, "after the jump")}, 101));
    }
    commit_ = LogIndex(101);
    EXPECT_EQ(walk(1, 200), std::vector<std::uint64_t>{101});
}

TEST_F(Look, WalksAroundDamage) {
    const auto all = walk(1, 30);
    disk_.flip_bit(segment(1), (header_block_bytes + 60) * 8);
    const auto rest = walk(1, 30);
    ASSERT_EQ(damages_.size(), 1u);
    EXPECT_EQ(damages_[0].file, segment(1));
    EXPECT_LT(rest.size(), all.size());
    EXPECT_EQ(rest.front(), all.front());
    EXPECT_EQ(rest.back(), 30u);
}

// --- a real folder

class LookAtFolder : public testing::Test {
  protected:
    LookAtFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "raftkv-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~LookAtFolder() override { std::filesystem::remove_all(folder_); }

    std::string folder_;
};

TEST_F(LookAtFolder, IsRefusedWhileANodeHasItAndKeepsNodesAway) {
    {
        auto node = open_posix_disk(folder_);
        ASSERT_TRUE(node);
        auto looking = open_posix_disk_to_look(folder_);
        ASSERT_FALSE(looking);
        EXPECT_EQ(looking.error().kind, ErrorKind::failed);
        EXPECT_NE(looking.error().message.find("in use by process " + std::to_string(::getpid())),
                  std::string::npos)
            << looking.error().message;
    }
    auto looking = open_posix_disk_to_look(folder_);
    ASSERT_TRUE(looking);
    EXPECT_TRUE(open_posix_disk_to_look(folder_)) << "others may look as well";
    EXPECT_FALSE(open_posix_disk(folder_));
}

TEST_F(LookAtFolder, ChangesNothing) {
    auto looking = open_posix_disk_to_look(folder_);
    ASSERT_TRUE(looking);
    EXPECT_TRUE(std::filesystem::is_empty(folder_)) << "not even a lock";
    EXPECT_FALSE((*looking)->open("a", OpenMode::create_new));
    EXPECT_FALSE((*looking)->open("a", OpenMode::read_write));
    EXPECT_FALSE((*looking)->rename("a", "b"));
    EXPECT_FALSE((*looking)->remove("a"));
    EXPECT_FALSE((*looking)->sync_folder());
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(LookAtFolder, OfNothingIsUsage) {
    auto looking = open_posix_disk_to_look(folder_ + "/none");
    ASSERT_FALSE(looking);
    EXPECT_EQ(looking.error().kind, ErrorKind::usage);
    EXPECT_FALSE(std::filesystem::exists(folder_ + "/none"));
}

}  // namespace
}  // namespace raftkv::storage
