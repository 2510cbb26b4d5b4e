#include <gtest/gtest.h>

#include <functional>

#include "cli/test/simulation/memory_disk.hpp"
#include "tests/unit/storage/log_fixture.hpp"

// The process, or the machine, ends at every single disk operation of a log's life: its first
// start, appends, the change to a next segment, preparing one ahead, idle marks, a snapshot of its
// own, one that it jumps to, cleaning up after both, and recovery itself.

namespace raftkv::storage {
namespace {

enum class End { kill, power_loss };

void end(MemoryDisk& disk, End how) {
    if (how == End::kill) {
        disk.kill();
    } else {
        disk.lose_power();
    }
}

// One write, and whether what comes before must be durable then.
struct Step {
    raft::LogWrite write;
    bool sync = true;
    bool mark = false;
    bool prepare = false;
    bool clean_up = false;
};

// Far past the end of the log, and an entry after it at once.
raft::LogWrite jump_and_go_on() {
    raft::LogWrite write = snapshot(100, 5, 101);
    write.hard_state = raft::HardState{Term(6), std::nullopt};
    write.entries = {command(101, 6, "101")};
    return write;
}

std::vector<Step> life_of_a_log() {
    return {
        {vote(1, 2)},
        {entries({noop(1, 1), command(2, 1, "two")}), false},
        {entries({command(3, 1, std::string(600, '3'))}, 1)},
        {entries({command(4, 1, "four"), command(5, 1, "five"), command(6, 1, "six")}, 3)},
        {vote(2, std::nullopt), false, false, true},
        {replace(5, {noop(5, 2), command(6, 2, std::string(520, '6'))})},
        {vote(3, 0), true, true},
        {entries({command(7, 3, "seven"), command(8, 3, std::string(30, '8'))}, 6)},
        {entries({command(9, 3, "nine")}, 7), false},
        {replace(9, {command(9, 4, std::string(500, '9')), command(10, 4, "ten")}), true, true},
        {entries({command(11, 4, std::string(650, '1')), command(12, 4, "twelve")}, 11)},
        {snapshot(11, 4, 7)},
        {entries({command(13, 4, std::string(300, '3'))}, 12), true, false, false, true},
        {entries({command(14, 4, "never committed"), command(15, 4, std::string(400, '5'))})},
        {jump_and_go_on(), true, false, false, true},
        {entries({command(102, 6, std::string(650, 'c'))}, 101), false},
        {snapshot(101, 6, 102), true, true, false, true},
        {entries({command(103, 6, "103")}, 102)},
    };
}

// Lives that life from where it is until the disk dies; the model knows what may not be lost.
void live(MemoryDisk& disk, LogModel& model, Segments segments) {
    auto opened = try_open(disk, small_segment, test_identity, segments);
    if (!opened) {
        ASSERT_TRUE(disk.died()) << opened.error().message;
        return;
    }
    Wal& wal = *opened->wal;
    for (const Step& step : life_of_a_log()) {
        if (step.prepare && !wal.prepare_segment()) {
            return;
        }
        if (step.write.snapshot && !place_snapshot(disk, step.write.snapshot->id)) {
            return;
        }
        model.append(step.write);
        if (!wal.append(step.write)) {
            return;
        }
        if (step.sync) {
            if (!wal.sync()) {
                return;
            }
            model.sync();
        }
        if (step.mark && !wal.mark_idle()) {
            return;
        }
        if (step.clean_up && !wal.clean_up()) {
            return;
        }
    }
}

// The log has what it may have, and can be used.
void check_and_go_on(MemoryDisk& disk, LogModel& model, Segments segments) {
    {
        OpenedLog log = open_log(disk, small_segment, segments);
        ASSERT_EQ(model.restart(log), "");
        for (int i = 0; i < 3; ++i) {
            auto write = entries({command(model.last_index() + 1, 9, std::string(250, 'z'))});
            model.append(write);
            ASSERT_TRUE(log.wal->append(write));
            ASSERT_TRUE(log.wal->sync());
            model.sync();
        }
    }
    disk.lose_power();
    OpenedLog again = open_log(disk, small_segment, segments);
    ASSERT_EQ(model.restart(again), "");
    ASSERT_EQ(again.recovered.repaired, "");
}

// With each way to make segments.
class WalCrash : public testing::TestWithParam<Segments> {
  protected:
    static std::uint64_t operations_of_a_life() {
        MemoryDisk disk;
        LogModel model;
        live(disk, model, GetParam());
        EXPECT_EQ(disk.reserved_bytes(newest_segment(disk)) > 0, GetParam() == Segments::reserved);
        return disk.operations();
    }
};

INSTANTIATE_TEST_SUITE_P(, WalCrash, testing::Values(Segments::filled, Segments::reserved),
                         testing::PrintToStringParamName());

TEST_P(WalCrash, AtEveryOperationLosesNothingThatWasSynced) {
    const std::uint64_t operations = operations_of_a_life();
    ASSERT_GT(operations, 40u);
    for (End how : {End::kill, End::power_loss}) {
        for (std::uint64_t at = 1; at <= operations; ++at) {
            for (std::uint64_t seed = 1; seed <= 12; ++seed) {
                SCOPED_TRACE(testing::Message() << "operation " << at << " seed " << seed
                                                << (how == End::kill ? " kill" : " power loss"));
                MemoryDisk disk(seed);
                LogModel model;
                disk.die_at(at);
                live(disk, model, GetParam());
                end(disk, how);
                check_and_go_on(disk, model, GetParam());
                if (testing::Test::HasFailure()) {
                    return;
                }
            }
        }
    }
}

TEST_P(WalCrash, AtEveryOperationOfARecoveryFromACrashLosesNothingEither) {
    const std::uint64_t operations = operations_of_a_life();
    for (std::uint64_t at = 1; at <= operations; ++at) {
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            bool finished = false;
            for (std::uint64_t in_recovery = 1; !finished; ++in_recovery) {
                SCOPED_TRACE(testing::Message()
                             << "operation " << at << " seed " << seed << " then " << in_recovery);
                MemoryDisk disk(seed);
                LogModel model;
                disk.die_at(at);
                live(disk, model, GetParam());
                end(disk, seed % 2 == 0 ? End::kill : End::power_loss);
                disk.die_at(disk.operations() + in_recovery);
                finished = try_open(disk, small_segment, test_identity, GetParam()).ok();
                end(disk, seed % 3 == 0 ? End::kill : End::power_loss);
                check_and_go_on(disk, model, GetParam());
                if (testing::Test::HasFailure()) {
                    return;
                }
            }
        }
    }
}

}  // namespace
}  // namespace raftkv::storage
