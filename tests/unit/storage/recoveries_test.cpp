#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>

#include "cli/test/simulation/memory_disk.hpp"
#include "tests/unit/sanitized.hpp"
#include "tests/unit/storage/log_fixture.hpp"

// Recoveries by the thousands: random lives of a log end at each of their disk operations, by a
// kill or a loss of power, half of the recoveries end early themselves, and whatever was synced
// must be there, and nothing that never was.

namespace raftkv::storage {
namespace {

constexpr int recoveries_in_all = under_address_sanitizer ? 20'000 : 100'000;
constexpr int shares = 4;  // tests of their own, so that they run side by side

struct Tally {
    int recoveries = 0;
    int interrupted = 0;  // recoveries that a crash ended
    int torn_tails = 0;
    int segment_changes = 0;
    int reserved = 0;  // recoveries of logs whose newest segment was reserved
    int truncations = 0;
    int snapshots = 0;
    int jumps = 0;
    int clean_ups = 0;
    std::uint64_t lost = 0;  // unsynced sectors and names

    void record() const {
        testing::Test::RecordProperty("recoveries", recoveries);
        testing::Test::RecordProperty("interrupted", interrupted);
        testing::Test::RecordProperty("torn_tails", torn_tails);
        testing::Test::RecordProperty("segment_changes", segment_changes);
        testing::Test::RecordProperty("reserved", reserved);
        testing::Test::RecordProperty("truncations", truncations);
        testing::Test::RecordProperty("snapshots", snapshots);
        testing::Test::RecordProperty("jumps", jumps);
        testing::Test::RecordProperty("clean_ups", clean_ups);
        testing::Test::RecordProperty("lost", static_cast<int>(lost));
    }
};

// One life, the same for each seed up to the operation at which it ends.
class ShortLife {
  public:
    ShortLife(std::uint64_t seed, std::uint64_t end_at, Tally& tally)
        : workload_(seed),
          luck_(seed * 1000 + end_at),
          segments_(seed / shares % 2 == 0 ? Segments::filled : Segments::reserved),
          disk_(seed * 1000 + end_at),
          tally_(tally) {
        disk_.die_at(end_at);
    }

    // True when the life was over before the operation came.
    bool run() {
        live();
        const bool completed = !disk_.died();
        end();
        recover();
        go_on();
        return completed;
    }

  private:
    Result<OpenedLog> open() { return try_open(disk_, small_segment, test_identity, segments_); }

    void live() {
        auto log = open();
        if (!log) {
            EXPECT_TRUE(disk_.died()) << log.error().message;
            return;
        }
        const std::uint64_t segments = log->wal->bytes();
        const std::uint64_t writes = 4 + workload_() % 8;
        for (std::uint64_t i = 0; i < writes; ++i) {
            const std::uint64_t what = workload_();
            if (what % 11 == 0 && !log->wal->prepare_segment()) {
                break;
            }
            const raft::LogWrite write = next_write();
            if (write.snapshot && !place_snapshot(disk_, write.snapshot->id)) {
                break;
            }
            model_.append(write);
            if (!log->wal->append(write)) {
                break;
            }
            if (what % 5 == 0 && log->wal->wants_clean_up()) {
                ++tally_.clean_ups;
                if (!log->wal->clean_up()) {
                    break;
                }
            }
            if (what % 4 == 0) {
                continue;  // synced with the next one
            }
            if (!log->wal->sync()) {
                break;
            }
            model_.sync();
            if (what % 7 == 0 && !log->wal->mark_idle()) {
                break;
            }
        }
        tally_.segment_changes += log->wal->bytes() > segments ? 1 : 0;
    }

    raft::LogWrite next_write() {
        raft::LogWrite write;
        if (workload_() % 4 == 0) {
            write.hard_state = raft::HardState{Term(++term_), std::nullopt};
            if (workload_() % 2 == 0) {
                write.hard_state->vote = NodeId(static_cast<std::uint32_t>(workload_() % 5));
            }
        }
        std::uint64_t last = model_.last_index();
        std::uint64_t commit = model_.commit();
        if (workload_() % 4 == 0) {
            write.snapshot = next_snapshot();
            if (write.snapshot && write.snapshot->id.index.value() > commit) {
                last = commit = write.snapshot->id.index.value();
            }
        }
        if (workload_() % 4 == 0 && last > commit) {
            last = commit + workload_() % (last - commit);
            write.truncate_from = LogIndex(last + 1);
            ++tally_.truncations;
        }
        for (std::uint64_t count = workload_() % 4; count > 0; --count) {
            const std::uint64_t size = workload_() % 3 == 0 ? workload_() % 600 : workload_() % 24;
            write.entries.push_back(
                command(++last, term_, std::string(size, static_cast<char>(workload_() % 3))));
        }
        const std::uint64_t may_commit = last - commit;
        write.commit = LogIndex(commit + (may_commit > 0 ? workload_() % may_commit : 0));
        return write;
    }

    // Of the log's own state, or one that it jumps to: past its end, or in its place.
    std::optional<raft::SnapshotMark> next_snapshot() {
        const std::uint64_t before = model_.now().snapshot.index.value();
        if (workload_() % 3 == 0) {
            ++tally_.jumps;
            const std::uint64_t index = model_.commit() + 1 + workload_() % 30;
            return raft::SnapshotMark{{LogIndex(index), Term(++term_)}, LogIndex(index + 1)};
        }
        if (model_.commit() == before) {
            return std::nullopt;
        }
        ++tally_.snapshots;
        const std::uint64_t index = before + 1 + workload_() % (model_.commit() - before);
        const raft::SnapshotId id{LogIndex(index), Term(model_.term_at(index))};
        return raft::SnapshotMark{id, LogIndex(1 + workload_() % (index + 1))};
    }

    void end() {
        if (luck_() % 3 == 0) {
            disk_.kill();
        } else {
            tally_.lost += disk_.lose_power();
        }
    }

    void recover() {
        while (luck_() % 2 == 0) {
            disk_.die_at(disk_.operations() + 1 + luck_() % 5);
            const bool opened = open().ok();
            EXPECT_TRUE(opened || disk_.died()) << "refused what a crash left";
            tally_.interrupted += opened ? 0 : 1;
            end();
        }
        check();
    }

    void check() {
        auto log = open();
        ++tally_.recoveries;
        if (!log) {
            ADD_FAILURE() << log.error().message;
            return;
        }
        tally_.reserved += disk_.reserved_bytes(newest_segment(disk_)) > 0 ? 1 : 0;
        tally_.torn_tails += log->recovered.repaired.empty() ? 0 : 1;
        EXPECT_EQ(model_.restart(*log), "");
        log_ = std::move(*log);
    }

    // What was recovered can be used, and is then as durable as anything.
    void go_on() {
        if (!log_.wal) {
            return;
        }
        const raft::LogWrite write =
            entries({command(model_.last_index() + 1, term_ + 1, std::string(300, 'z'))});
        model_.append(write);
        EXPECT_TRUE(log_.wal->append(write));
        EXPECT_TRUE(log_.wal->sync());
        model_.sync();
        log_ = OpenedLog();
        disk_.lose_power();
        check();
        EXPECT_EQ(log_.recovered.repaired, "");
    }

    std::mt19937_64 workload_;
    std::mt19937_64 luck_;
    Segments segments_;
    MemoryDisk disk_;
    LogModel model_;
    std::uint64_t term_ = 1;
    OpenedLog log_;
    Tally& tally_;
};

class WalRecoveries : public testing::TestWithParam<int> {};

TEST_P(WalRecoveries, FromEveryOperationOfRandomLives) {
    Tally tally;
    for (int seed = GetParam(); tally.recoveries < recoveries_in_all / shares; seed += shares) {
        bool completed = false;
        for (std::uint64_t end_at = 1; !completed; ++end_at) {
            completed = ShortLife(static_cast<std::uint64_t>(seed), end_at, tally).run();
            ASSERT_FALSE(HasFailure()) << "seed " << seed << ", ended at operation " << end_at;
        }
    }
    tally.record();
    // All that this is about did happen, and not once or twice.
    const int often = recoveries_in_all / shares / 100;
    EXPECT_GT(tally.interrupted, 20 * often);
    EXPECT_GT(tally.torn_tails, often);
    EXPECT_GT(tally.segment_changes, 10 * often);
    EXPECT_GT(tally.reserved, 10 * often);
    EXPECT_GT(tally.truncations, 10 * often);
    EXPECT_GT(tally.snapshots, 10 * often);
    EXPECT_GT(tally.jumps, 10 * often);
    EXPECT_GT(tally.clean_ups, 5 * often);
    EXPECT_GT(tally.lost, 10u * static_cast<unsigned>(often));
}

INSTANTIATE_TEST_SUITE_P(Share, WalRecoveries, testing::Range(1, shares + 1));

}  // namespace
}  // namespace raftkv::storage
