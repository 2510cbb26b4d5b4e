#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "cli/test/simulation/memory_disk.hpp"
#include "tests/unit/sanitized.hpp"
#include "tests/unit/storage/log_fixture.hpp"

// A small log against every flipped bit and every cut of its files. What may come of it: the same
// log; a log without a tail that the rest of the log does not know to be synced; or a refusal that
// names the place and changes nothing. Never a wrong entry, never a silent loss.

namespace raftkv::storage {
namespace {

using Files = std::map<std::string, std::string>;

struct Outcome {
    int same = 0;
    int torn = 0;
    int refused = 0;
};

class WalDamage : public testing::Test {
  protected:
    void SetUp() override {
        OpenedLog log = open_log(disk_);
        append(*log.wal, vote(1, 2));
        append(*log.wal, entries({noop(1, 1), command(2, 1, "two"), command(3, 1, "three")}));
        sync(*log.wal);
        append(*log.wal, entries({command(4, 1, "four"), command(5, 1, std::string(77, '5'))}, 3));
        sync(*log.wal);
        append(*log.wal, vote(2, std::nullopt));
        append(*log.wal, replace(5, {noop(5, 2), command(6, 2, "six")}));
        sync(*log.wal);
        append(*log.wal, vote(2, 0));
        append(*log.wal, entries({command(7, 2, "seven"), command(8, 2, "eight")}, 6));
        sync(*log.wal);
        append(*log.wal, entries({command(9, 2, "nine"), command(10, 2, std::string(20, '\0'))}));
        sync(*log.wal);
        before_last_sync_ = steps_.size();
        append(*log.wal, vote(3, 1));
        append(*log.wal, entries({command(11, 3, "eleven"), command(12, 3, "twelve")}, 9));
        sync(*log.wal);
        good_ = disk_.all_contents();
        segments_ = std::count_if(good_.begin(), good_.end(),
                                  [](const auto& file) { return file.first.starts_with("wal-"); });
        ASSERT_GE(segments_, 2);
    }

    void append(Wal& wal, const raft::LogWrite& write) {
        ASSERT_TRUE(wal.append(write));
        LogContent content = steps_.empty() ? LogContent() : steps_.back();
        if (write.hard_state) {
            content.hard_state = *write.hard_state;
            steps_.push_back(content);
        }
        if (write.truncate_from) {
            content.entries.resize(write.truncate_from->value() - 1);
            steps_.push_back(content);
        }
        for (const raft::Entry& entry : write.entries) {
            content.entries.push_back(plain(entry));
            steps_.push_back(content);
        }
    }
    void sync(Wal& wal) { ASSERT_TRUE(wal.sync()); }

    // Opens the log with this file damaged and judges what came of it.
    void judge(const std::string& name, const std::string& bytes, bool last_batch_is_marked,
               Outcome& outcome) {
        Files damaged = good_;
        damaged[name] = bytes;
        disk_.set_all_contents(damaged);
        auto opened = try_open(disk_);
        if (!opened) {
            ++outcome.refused;
            ASSERT_EQ(opened.error().kind, ErrorKind::corrupt) << opened.error().message;
            ASSERT_NE(opened.error().message.find("memory/wal-"), std::string::npos);
            ASSERT_NE(opened.error().message.find("offset"), std::string::npos);
            ASSERT_NE(opened.error().message.find("entry"), std::string::npos);
            ASSERT_EQ(disk_.all_contents(), damaged);
            return;
        }
        const LogContent content = opened->content();
        ASSERT_LE(opened->recovered.state.commit, LogIndex(9));
        ASSERT_EQ(check_readable(*opened), "");
        if (content == steps_.back()) {
            ++outcome.same;
            return;
        }
        // Something is gone: only of the last batch, only when no later record vouches for it,
        // and not silently.
        ++outcome.torn;
        ASSERT_FALSE(last_batch_is_marked);
        auto found = std::find(steps_.begin(), steps_.end(), content);
        ASSERT_NE(found, steps_.end()) << "never the log's state: " << content;
        ASSERT_GE(found - steps_.begin() + 1, before_last_sync_);
        ASSERT_NE(opened->recovered.repaired.find(name), std::string::npos);
    }

    // Where each flip takes long, one or two of each byte, in turn another one.
    Outcome flip_bits(bool last_batch_is_marked) {
        constexpr std::size_t stride = is_sanitized ? 7 : 1;
        Outcome outcome;
        for (const auto& [name, bytes] : good_) {
            if (!name.starts_with("wal-")) {
                continue;
            }
            for (std::size_t bit = 0; bit < bytes.size() * 8; bit += stride) {
                std::string flipped = bytes;
                flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
                judge(name, flipped, last_batch_is_marked, outcome);
                if (HasFatalFailure()) {
                    ADD_FAILURE() << name << " bit " << bit % 8 << " of byte " << bit / 8;
                    return outcome;
                }
            }
        }
        return outcome;
    }

    void mark_idle() {
        disk_.set_all_contents(good_);
        OpenedLog log = open_log(disk_);
        ASSERT_TRUE(log.wal->mark_idle());
        good_ = disk_.all_contents();
    }

    MemoryDisk disk_;
    Files good_;
    std::ptrdiff_t segments_ = 0;
    std::vector<LogContent> steps_;  // after each record
    std::ptrdiff_t before_last_sync_ = 0;
};

TEST_F(WalDamage, NoFlippedBitGivesAWrongLog) {
    const Outcome outcome = flip_bits(false);
    EXPECT_GT(outcome.same, 0) << "bits of no meaning";
    EXPECT_GT(outcome.torn, 0) << "bits of the last batch";
    EXPECT_GT(outcome.refused, 0) << "bits of the rest";
}

TEST_F(WalDamage, AfterAnIdleMarkNoFlippedBitLosesAnything) {
    mark_idle();
    const Outcome outcome = flip_bits(true);
    EXPECT_GT(outcome.same, 0);
    EXPECT_EQ(outcome.torn, 0);
    EXPECT_GT(outcome.refused, 0);
}

TEST_F(WalDamage, ACutFileIsRefusedWhereverItIsCut) {
    for (const auto& [name, bytes] : good_) {
        if (!name.starts_with("wal-")) {
            continue;
        }
        Outcome outcome;
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            judge(name, bytes.substr(0, size), true, outcome);
            ASSERT_FALSE(HasFatalFailure()) << name << " cut at " << size;
        }
        judge(name, bytes + '\0', true, outcome);
        EXPECT_EQ(outcome.refused, static_cast<int>(bytes.size()) + 1);
    }
}

// What a crash may leave: the last batch, which was never acknowledged, in any state.
TEST_F(WalDamage, AnEndOfZerosFromAnywhereInTheLastBatchIsATornTail) {
    const std::string name = std::prev(good_.end())->first;
    ASSERT_TRUE(name.starts_with("wal-"));
    const std::string& bytes = good_[name];
    const std::size_t end = bytes.find_last_not_of('\0') + 1;
    // The last batch: term and vote, two entries, a commit.
    const std::size_t start = (end + 7) / 8 * 8 - (48 + 56 + 56 + 48);
    for (std::size_t from = start; from < end; ++from) {
        std::string zeroed = bytes;
        std::fill(zeroed.begin() + static_cast<std::ptrdiff_t>(from), zeroed.end(), '\0');
        Files damaged = good_;
        damaged[name] = zeroed;
        disk_.set_all_contents(damaged);
        OpenedLog log = open_log(disk_);
        auto found = std::find(steps_.begin(), steps_.end(), log.content());
        ASSERT_NE(found, steps_.end()) << from;
        ASSERT_GE(found - steps_.begin() + 1, before_last_sync_) << from;
        // And the log can go on from there.
        const std::uint64_t next = log.content().entries.size() + 1;
        ASSERT_TRUE(log.wal->append(entries({command(next, 3, "on")})));
        ASSERT_TRUE(log.wal->sync());
        ASSERT_EQ(open_log(disk_).content().entries.size(), next) << from;
    }
}

}  // namespace
}  // namespace raftkv::storage
