#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "cli/test/simulation/memory_disk.hpp"
#include "common/checksum.hpp"
#include "node/storage/record.hpp"
#include "tests/unit/storage/log_fixture.hpp"

// What a folder must hold to be opened.

namespace raftkv::storage {
namespace {

class WalFolder : public testing::Test {
  protected:
    // A log of three segments or more.
    void SetUp() override {
        OpenedLog log = open_log(disk_);
        ASSERT_TRUE(log.wal->append(vote(1, 1)));
        for (std::uint64_t i = 1; i <= 25; ++i) {
            ASSERT_TRUE(log.wal->append(entries({command(i, 1, "payload")})));
            ASSERT_TRUE(log.wal->sync());
        }
        for (const auto& [name, bytes] : disk_.all_contents()) {
            if (name.starts_with("wal-")) {
                segments_.push_back(name);
            }
        }
        ASSERT_GE(segments_.size(), 3u);
    }

    // The log is refused, for this reason, and nothing is changed.
    void expect_refused(ErrorKind kind, const std::vector<std::string>& words,
                        const Identity& identity = test_identity) {
        const auto before = disk_.all_contents();
        auto opened = try_open(disk_, small_segment, identity);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().kind, kind) << opened.error().message;
        for (const std::string& word : words) {
            EXPECT_NE(opened.error().message.find(word), std::string::npos)
                << "no " << word << " in: " << opened.error().message;
        }
        EXPECT_EQ(disk_.all_contents(), before);
    }

    void move(const std::string& from, const std::string& to) {
        ASSERT_TRUE(disk_.rename(from, to));
    }

    MemoryDisk disk_;
    std::vector<std::string> segments_;
};

TEST_F(WalFolder, AnotherNodesIsRefused) {
    expect_refused(ErrorKind::usage, {"memory/identity", "node 2", "this is node 3"},
                   {0x1234, 0x1234, NodeId(3), 1});
}

TEST_F(WalFolder, OneForAnotherConfigurationIsRefused) {
    expect_refused(ErrorKind::usage, {"ClusterId 0000000000001234", "ClusterId 0000000000009999"},
                   {0x1234, 0x9999, test_identity.node_id, 1});
}

// A cluster that was made of a backup has an id of its own; the configuration stays the same.
TEST_F(WalFolder, KeepsItsClusterAndItsNameWhateverIsProposedForANewOne) {
    MemoryDisk disk(5);
    const Identity first{0xaaaa, 0x1234, NodeId(2), 0xf1};
    auto fresh = try_open(disk, small_segment, first);
    ASSERT_TRUE(fresh);
    EXPECT_EQ(fresh->recovered.cluster_id, 0xaaaau);
    EXPECT_EQ(fresh->recovered.folder, 0xf1u);
    fresh->wal.reset();
    const std::string text = disk.contents("identity");
    EXPECT_NE(text.find("cluster 000000000000aaaa\nconfig 0000000000001234\nnode 2\n"
                        "folder 00000000000000f1\n"),
              std::string::npos)
        << text;
    auto again = try_open(disk, small_segment, {0x1234, 0x1234, NodeId(2), 0xf2});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->recovered.cluster_id, 0xaaaau);
    EXPECT_EQ(again->recovered.folder, 0xf1u);
}

// Without "ClusterId" it is the folder that says which cluster it belongs to.
TEST_F(WalFolder, OneIsTakenWhereTheConfigurationNamesNoClusterOrThatOfTheFolder) {
    MemoryDisk disk(5);
    ASSERT_TRUE(try_open(disk, small_segment, {0xaaaa, 0x1234, NodeId(2), 0xf1}));
    for (const std::uint64_t config : {0u, 0x1234u, 0xaaaau})
        EXPECT_TRUE(try_open(disk, small_segment, {0, config, NodeId(2), 0xf2})) << config;
}

// An empty node belongs to no cluster yet. When it does, its folder says so, and whatever it has
// written before stays.
TEST_F(WalFolder, TheClusterComesOnceTheLogSaysSo) {
    MemoryDisk disk(5);
    auto empty = try_open(disk, small_segment, {0, 0, NodeId(2), 0xf1});
    ASSERT_TRUE(empty);
    EXPECT_EQ(empty->recovered.cluster_id, 0u);
    raft::LogWrite vote;
    vote.hard_state = raft::HardState{Term(3), NodeId(1)};
    ASSERT_TRUE(empty->wal->append(vote));
    raft::LogWrite write;
    write.cluster = 0xc1;
    ASSERT_TRUE(empty->wal->append(write));
    ASSERT_TRUE(empty->wal->sync());
    empty->wal.reset();
    auto again = try_open(disk, small_segment, {0, 0, NodeId(2), 0xf2});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->recovered.cluster_id, 0xc1u);
    EXPECT_EQ(again->recovered.folder, 0xf1u);
    EXPECT_EQ(again->recovered.state.hard_state.vote, NodeId(1));
}

// As another program would write it, with a checksum that is right.
std::string identity_of_format(int format) {
    const std::string body = "raftkv log folder\nformat " + std::to_string(format) +
                             "\ncluster 0000000000001234\nnode 2\n";
    char sum[17];
    std::snprintf(sum, sizeof(sum), "%016llx", static_cast<unsigned long long>(checksum(body)));
    return body + "checksum " + sum + "\n";
}

// A folder from before clusters and folders had ids of their own.
TEST_F(WalFolder, AnOlderIdentityGetsANameThatStays) {
    const std::string older = identity_of_format(2);
    disk_.set_contents("identity", older);
    for (std::uint64_t proposed : {1, 2}) {
        auto opened = try_open(disk_, small_segment, {0x1234, 0x1234, NodeId(2), proposed});
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened->recovered.cluster_id, 0x1234u);
        EXPECT_EQ(opened->recovered.folder, checksum(older));
    }
    EXPECT_EQ(disk_.contents("identity"), older);
}

TEST_F(WalFolder, ANewerFormatIsRefused) {
    disk_.set_contents("identity", identity_of_format(3));
    expect_refused(ErrorKind::usage, {"memory/identity", "format 3", "knows format 2"});
}

TEST_F(WalFolder, AnOlderFormatIsRefused) {
    disk_.set_contents("identity", identity_of_format(1));
    expect_refused(ErrorKind::usage, {"memory/identity", "older raftkv", "format 1"});
}

// Its header was shorter, and its checksum is right: nobody should take it for damaged.
TEST_F(WalFolder, ASegmentOfTheFirstFormatIsRefusedAsSuch) {
    std::string bytes = disk_.contents(segments_[1]);
    bytes[8] = 1;
    const std::uint64_t sum = checksum(std::string_view(bytes).substr(0, 104), segment_magic);
    bytes.replace(104, 8, reinterpret_cast<const char*>(&sum), 8);
    disk_.set_contents(segments_[1], bytes);
    expect_refused(ErrorKind::usage, {segments_[1], "older raftkv", "format 1"});
}

TEST_F(WalFolder, EveryDamageToTheIdentityIsRefused) {
    const std::string good = disk_.contents("identity");
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
        disk_.set_contents("identity", bad);
        expect_refused(ErrorKind::corrupt, {"memory/identity"});
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
        disk_.set_contents("identity", good.substr(0, size));
        expect_refused(ErrorKind::corrupt, {"memory/identity"});
    }
}

TEST_F(WalFolder, AMissingIdentityIsRefused) {
    move("identity", "elsewhere");
    expect_refused(ErrorKind::corrupt, {"memory/identity is missing"});
}

TEST_F(WalFolder, AMissingLogIsRefused) {
    for (const std::string& segment : segments_) {
        move(segment, "moved-" + segment);
    }
    expect_refused(ErrorKind::corrupt, {"the log is missing"});
}

TEST_F(WalFolder, AMissingFirstSegmentIsRefused) {
    move(segments_[0], "elsewhere");
    expect_refused(ErrorKind::corrupt, {segments_[1], "segment 1", "missing"});
}

TEST_F(WalFolder, AMissingMiddleSegmentIsRefused) {
    move(segments_[1], "elsewhere");
    expect_refused(ErrorKind::corrupt, {segments_[2], "segment 2", "missing"});
}

TEST_F(WalFolder, ASegmentThatWasMadeTwiceIsRefused) {
    disk_.set_contents("wal-0000000002-00000000000000000099", disk_.contents(segments_[1]));
    expect_refused(ErrorKind::corrupt, {"two segments 2"});
}

TEST_F(WalFolder, ASegmentUnderAnothersNameIsRefused) {
    disk_.set_contents(segments_[1], disk_.contents(segments_[2]));
    expect_refused(ErrorKind::corrupt, {segments_[1], "another segment"});
}

TEST_F(WalFolder, ASegmentOfAnotherNodeIsRefused) {
    MemoryDisk other(99);
    { auto opened = try_open(other, small_segment, {0x1234, 0x1234, NodeId(7), 1}); }
    disk_.set_contents(segments_[0], other.contents(segments_[0]));
    expect_refused(ErrorKind::usage, {segments_[0], "node 7"});
}

// Same node, same names, same sizes; another history, for instance from a copy of long ago.
TEST_F(WalFolder, ASegmentOfAnotherLifeOfTheNodeIsRefused) {
    MemoryDisk other(99);
    {
        OpenedLog log = open_log(other);
        ASSERT_TRUE(log.wal->append(vote(1, 1)));
        for (std::uint64_t i = 1; i <= 25; ++i) {
            ASSERT_TRUE(log.wal->append(entries({command(i, 1, "PAYLOAD")})));
        }
        ASSERT_TRUE(log.wal->sync());
    }
    disk_.set_contents(segments_[1], other.contents(segments_[1]));
    expect_refused(ErrorKind::corrupt, {segments_[1], "does not follow"});
}

// A device that lost a write: the segment ends early, in zeros, as a shorter one would.
TEST_F(WalFolder, ALostEndOfAnEarlierSegmentIsRefused) {
    std::string bytes = disk_.contents(segments_[0]);
    const std::size_t last = bytes.find_last_not_of('\0') / 56 * 56;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(last) - 100, bytes.end(), '\0');
    disk_.set_contents(segments_[0], bytes);
    expect_refused(ErrorKind::corrupt, {segments_[0]});
}

TEST_F(WalFolder, UnfinishedSegmentsAreRemovedAndStrangersLeftAlone) {
    disk_.set_contents("next-17.tmp", "half a segment");
    disk_.set_contents("identity.tmp", "half an identity");
    disk_.set_contents("wal-backup", "somebody's");
    disk_.set_contents("notes.txt", "somebody's");
    open_log(disk_);
    const auto files = disk_.all_contents();
    EXPECT_FALSE(files.contains("next-17.tmp"));
    EXPECT_FALSE(files.contains("identity.tmp"));
    EXPECT_TRUE(files.contains("wal-backup"));
    EXPECT_TRUE(files.contains("notes.txt"));
}

TEST(WalFirstStart, GoesOnWhereACrashLeftIt) {
    MemoryDisk disk;
    open_log(disk);
    ASSERT_TRUE(disk.remove("identity"));
    OpenedLog log = open_log(disk);  // one segment without records: nothing was ever promised
    EXPECT_EQ(log.content(), LogContent());
    EXPECT_TRUE(disk.all_contents().contains("identity"));
}

TEST(WalFirstStart, AnEmptySegmentOfAnotherNodeIsRefusedAllTheSame) {
    MemoryDisk disk;
    open_log(disk);
    ASSERT_TRUE(disk.remove("identity"));
    auto opened = try_open(disk, small_segment, {0x1234, 0x1234, NodeId(9), 1});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace raftkv::storage
