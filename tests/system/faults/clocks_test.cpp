#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "tests/system/faults/bed.hpp"

// A key lives for its exptime, within half a second, whatever became of leaders, processes and wall
// clocks before or meanwhile.

namespace raftkv::system_test {
namespace {

using std::chrono::duration;
using std::chrono::steady_clock;

constexpr const char* ahead = " +262800h";  // 30 years
constexpr const char* behind = " -262800h";

class Clocks : public testing::Test {
  protected:
    Clocks() { bed_.leader(); }

    void set_key(const std::string& key, std::uint32_t exptime_s) {
        sent_ = steady_clock::now();
        ASSERT_TRUE(bed_.set(client_, key, "v", exptime_s));
        acknowledged_ = steady_clock::now();
        exptime_s_ = exptime_s;
    }
    protocol::ReplyKind get(const std::string& key) {
        auto reply = client_.call(get_of(key));
        return reply.ok() ? reply->kind : protocol::ReplyKind::internal;
    }
    // Its life began between the two.
    void expect_its_end_in_time(const std::string& key) {
        constexpr double bound_s = 0.5;
        for (;;) {
            const double asked_s = since(acknowledged_);
            const auto kind = get(key);
            if (kind == protocol::ReplyKind::value) {
                ASSERT_LE(asked_s, exptime_s_ + bound_s);
                ::poll(nullptr, 0, 20);
                continue;
            }
            ASSERT_EQ(kind, protocol::ReplyKind::not_found);
            ASSERT_GE(since(sent_), exptime_s_ - bound_s);
            return;
        }
    }
    static double since(steady_clock::time_point then) {
        return duration<double>(steady_clock::now() - then).count();
    }

    void set_wall_clock(NodeId id, const std::string& by) {
        bed_.fault("clock " + std::to_string(id.value()) + by);
    }
    void set_wall_clocks(const std::string& by) {
        for (NodeId id : bed_.cluster().running()) set_wall_clock(id, by);
    }
    // As if the machine had been started anew, and the disk had lost the name of that file.
    void forget_clock(NodeId id) {
        for (const auto& entry : std::filesystem::directory_iterator(bed_.config().node_path(id)))
            if (entry.path().filename().string().starts_with("clock-"))
                std::filesystem::remove(entry.path());
    }
    // Each node knows how the cluster's clock stands by then, and has it on its disk.
    void wait_until_kept() {
        EXPECT_TRUE(comes_true([&] {
            int kept = 0;
            for (NodeId id : bed_.cluster().all())
                for (const auto& entry :
                     std::filesystem::directory_iterator(bed_.config().node_path(id)))
                    kept += entry.path().filename().string().starts_with("clock-");
            return kept >= 3;
        }));
    }
    void start(NodeId id) { ASSERT_TRUE(bed_.cluster().start(id).ok()); }

    FaultBed bed_{3};
    cli::ClusterClient client_ = bed_.client();
    steady_clock::time_point sent_, acknowledged_;
    std::uint32_t exptime_s_ = 0;
};

TEST_F(Clocks, that_jump_by_years_while_nodes_run_change_nothing) {
    ASSERT_TRUE(bed_.set(client_, "long", "v", 3600));
    set_key("a", 2);
    set_wall_clocks(ahead);
    expect_its_end_in_time("a");
    bed_.cluster().kill(bed_.leader());
    set_wall_clocks(behind);
    set_key("b", 2);
    expect_its_end_in_time("b");
    EXPECT_EQ(get("long"), protocol::ReplyKind::value);
}

// Time that passes without a write, and then by another leader.
TEST_F(Clocks, of_a_new_leader_are_right_after_a_silence) {
    ASSERT_TRUE(bed_.set(client_, "first", "v"));
    ::poll(nullptr, 0, 5000);
    bed_.cluster().kill(bed_.leader());
    set_key("k", 3);
    expect_its_end_in_time("k");
}

TEST_F(Clocks, go_on_across_the_end_of_all_processes) {
    set_key("k", 6);
    ASSERT_TRUE(bed_.set(client_, "over", "v", 2));
    wait_until_kept();
    bed_.cluster().kill_all();
    ::poll(nullptr, 0, 2500);
    for (NodeId id : bed_.cluster().all()) start(id);
    EXPECT_EQ(get("over"), protocol::ReplyKind::not_found);
    expect_its_end_in_time("k");
}

// What was kept is lost, one wall clock is years wrong, and it is asked first.
TEST_F(Clocks, of_which_one_is_years_wrong_do_not_shorten_a_life) {
    set_key("k", 8);
    bed_.cluster().kill_all();
    for (NodeId id : bed_.cluster().all()) forget_clock(id);
    start(NodeId(0));
    EXPECT_TRUE(comes_true([&] { return bed_.status(NodeId(0)).has_value(); }));
    set_wall_clock(NodeId(0), ahead);
    ::poll(nullptr, 0, 1500);
    start(NodeId(1));
    expect_its_end_in_time("k");
}

// All are: but each node had kept how they stand, or another one knows.
TEST_F(Clocks, that_are_all_wrong_do_not_matter_to_those_that_know) {
    set_key("k", 8);
    wait_until_kept();
    set_wall_clocks(ahead);
    bed_.cluster().kill_all();
    for (NodeId id : bed_.cluster().all()) {
        start(id);
        EXPECT_TRUE(comes_true([&] { return bed_.status(id).has_value(); }));
        set_wall_clock(id, ahead);
    }
    expect_its_end_in_time("k");
}

TEST(ClockRates, that_differ_keep_one_leader) {
    FaultBed bed(3);
    bed.leader();
    bed.fault("clock 0 +5%");
    bed.fault("clock 1 -5%");
    Term term = bed.status(bed.leader())->term;
    auto client = bed.client();
    EXPECT_EQ(bed.set_many(client, 1000), 1000);
    EXPECT_EQ(bed.status(bed.leader())->term, term);
}

}  // namespace
}  // namespace raftkv::system_test
