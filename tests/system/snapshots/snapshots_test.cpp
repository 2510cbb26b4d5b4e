#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <random>
#include <thread>

#include "tests/system/faults/bed.hpp"
#include "tests/system/snapshots/overwriter.hpp"

// Clusters of real nodes that take a snapshot for every MiB of log: what a log takes on disk comes
// back, and nothing is lost that was acknowledged, whoever is away, dies or has no room meanwhile.

namespace raftkv::system_test {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t value_bytes = 16u << 10;
constexpr std::uint64_t mib = 1u << 20;

class Snapshots : public testing::Test {
  protected:
    explicit Snapshots(std::size_t keys = 128) : writer_(bed_.config(), keys, value_bytes) {
        bed_.leader();
    }

    LogIndex snapshot_of(NodeId id) const {
        const auto status = bed_.status(id);
        return status ? status->snapshot.index : LogIndex(0);
    }

    // Until every running node has one that is newer than what it has now.
    void write_until_all_take_one() {
        for (NodeId id : bed_.cluster().running()) {
            const LogIndex before = snapshot_of(id);
            EXPECT_TRUE(comes_true([&] {
                writer_.write();
                return snapshot_of(id) > before;
            })) << "node "
                << id.value() << " takes no snapshot";
        }
    }

    // So that the log of the others does not reach back to what it has.
    void write_past(NodeId absent, LogIndex last) {
        for (NodeId id : bed_.others(absent)) {
            if (!bed_.cluster().is_running(id)) continue;
            EXPECT_TRUE(comes_true([&] {
                writer_.write();
                const auto status = bed_.status(id);
                return status && status->first_index > last + 1;
            })) << "node "
                << id.value() << " keeps its log";
        }
    }

    FaultBed bed_{3, true, 1};
    Overwriter writer_;
};

TEST_F(Snapshots, the_space_of_a_log_comes_back_and_a_restart_has_all_keys) {
    // 16 MiB of log stay for those who are behind a little. Segments of 4 MiB: one ahead, one that
    // is written, and those that wait for a snapshot.
    const std::uint64_t bound = 3 * writer_.live_bytes() + 36 * mib;
    const std::uint64_t to_write = 3 * bound / 2;
    std::uint64_t largest = 0;
    for (std::uint64_t written = 0; written < to_write; written += mib) {
        writer_.write_bytes(mib);
        for (NodeId id : bed_.cluster().all())
            largest = std::max(largest, bed_.cluster().disk_bytes(id));
    }
    EXPECT_LT(largest, bound);
    bed_.expect_level();
    bed_.cluster().kill_all();
    for (NodeId id : bed_.cluster().all()) ASSERT_TRUE(bed_.cluster().start(id).ok());
    bed_.expect_level();
    for (NodeId id : bed_.cluster().all()) {
        const auto status = bed_.status(id);
        ASSERT_TRUE(status);
        EXPECT_GT(status->snapshot.index, LogIndex(0));
        EXPECT_GT(status->first_index, LogIndex(1));
        EXPECT_EQ(status->keys, 128u);
    }
    writer_.expect_nothing_lost();
}

TEST_F(Snapshots, a_node_that_was_away_for_longer_than_the_log_reaches_back_is_sent_one) {
    writer_.write_bytes(2 * mib);
    bed_.expect_level();
    const NodeId absent = bed_.others(bed_.leader()).front();
    const LogIndex last = bed_.status(absent)->last_index;
    bed_.cluster().kill(absent);
    write_past(absent, last);
    ASSERT_TRUE(bed_.cluster().start(absent).ok());
    bed_.expect_level();
    EXPECT_GE(bed_.status(absent)->snapshot.installed, 1u);
    EXPECT_GE(bed_.status(bed_.leader())->snapshot.sent, 1u);
    writer_.expect_nothing_lost();
}

// So many keys that it takes a while to send them.
class LargeSnapshots : public Snapshots {
  protected:
    LargeSnapshots() : Snapshots(1024) {}
};

TEST_F(LargeSnapshots, when_the_leader_dies_while_it_sends_one_another_goes_on) {
    writer_.write_bytes(writer_.live_bytes());
    bed_.expect_level();
    const NodeId leader = bed_.leader();
    const NodeId absent = bed_.others(leader).front();
    const LogIndex last = bed_.status(absent)->last_index;
    bed_.cluster().kill(absent);
    write_past(absent, last);
    // The disk of the one that receives is slow, so that the leader dies in the middle.
    ASSERT_TRUE(bed_.cluster().start(absent).ok());
    ASSERT_TRUE(comes_true([&] { return bed_.status(absent).has_value(); }));
    bed_.fault("slow-disk " + std::to_string(absent.value()) + " 20ms");
    EXPECT_TRUE(comes_true([&] {
        const auto status = bed_.status(absent);
        return status && (status->snapshot.incoming || status->snapshot.installed > 0);
    }));
    bed_.cluster().kill(leader);
    bed_.heal();
    bed_.expect_level();
    EXPECT_GE(bed_.status(absent)->snapshot.installed, 1u);
    writer_.write_bytes(mib);
    ASSERT_TRUE(bed_.cluster().start(leader).ok());
    bed_.expect_level();
    writer_.expect_nothing_lost();
}

TEST_F(Snapshots, a_full_disk_while_they_are_due_stops_no_service_and_they_go_on_later) {
    write_until_all_take_one();
    const NodeId full = bed_.others(bed_.leader()).front();
    bed_.fault("disk-full " + std::to_string(full.value()));
    const LogIndex before = snapshot_of(full);
    writer_.write_bytes(12 * mib);
    // It may have finished the one that it was at.
    EXPECT_TRUE(comes_true([&] {
        writer_.write();
        return bed_.log(full).find("no snapshot could be taken") != std::string::npos ||
               !bed_.status(full)->log_has_room;
    }));
    ASSERT_TRUE(bed_.cluster().check_alive().ok());
    writer_.write_bytes(2 * mib);
    writer_.expect_nothing_lost();
    bed_.heal();
    EXPECT_TRUE(comes_true([&] {
        writer_.write();
        return snapshot_of(full) > before && bed_.status(full)->log_has_room;
    })) << "no snapshot was taken when there was room again";
    bed_.expect_level();
    writer_.expect_nothing_lost();
}

TEST_F(Snapshots, a_node_that_is_killed_at_any_moment_starts_again_with_everything) {
    constexpr int kills = 20;
    std::mt19937 random(std::random_device{}());
    writer_.write_bytes(2 * mib);
    std::atomic<bool> stop{false};
    std::thread writing([&] {
        while (!stop) writer_.write();
    });
    for (int i = 0; i < kills; ++i) {
        const NodeId victim = bed_.cluster().all()[random() % 3];
        ::poll(nullptr, 0, static_cast<int>(random() % 60));  // the moment
        bed_.cluster().kill(victim);
        EXPECT_TRUE(bed_.cluster().start(victim).ok());
        EXPECT_TRUE(comes_true([&] { return bed_.status(victim).has_value(); }))
            << "node " << victim.value() << " does not start: " << bed_.log(victim);
    }
    stop = true;
    writing.join();
    ASSERT_TRUE(bed_.cluster().check_alive().ok());
    writer_.write_bytes(writer_.live_bytes());
    bed_.expect_level();
    for (NodeId id : bed_.cluster().all()) EXPECT_GT(snapshot_of(id), LogIndex(0));
    writer_.expect_nothing_lost();
}

}  // namespace
}  // namespace raftkv::system_test
