#include "node/server/log_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <utility>

#include "tests/unit/server/fake_wal.hpp"
#include "tests/unit/server/wait.hpp"

namespace raftkv::server {
namespace {

raft::LogWrite write(std::uint64_t sequence) {
    raft::LogWrite write;
    write.sequence = sequence;
    return write;
}

class LogThreadTest : public testing::Test {
  protected:
    // Everything collected so far, as the owner would see it.
    struct Seen {
        std::uint64_t persisted = 0;
        std::vector<LogThread::Done::Fetched> fetched;
        std::vector<bool> room;
    };

    const Seen& collect() {
        LogThread::Done done = log_->collect();
        if (done.persisted) {
            EXPECT_GT(*done.persisted, seen_.persisted);
            seen_.persisted = *done.persisted;
        }
        for (auto& fetched : done.fetched) seen_.fetched.push_back(std::move(fetched));
        if (done.has_room) seen_.room.push_back(*done.has_room);
        return seen_;
    }
    bool persists(std::uint64_t sequence) {
        return comes_true([&] { return collect().persisted == sequence; });
    }
    // Until the log has had its turn: a sync that is held back has begun.
    bool appends(std::size_t count) {
        return comes_true(
            [&] { return script_.ask([&](auto& s) { return s.appended.size() == count; }); });
    }

    WalScript script_;
    std::atomic<int> notifications_{0};
    Seen seen_;
    std::unique_ptr<LogThread> log_ = std::make_unique<LogThread>(
        std::make_unique<FakeWal>(script_), [this] { ++notifications_; });
};

TEST_F(LogThreadTest, how_far_it_is_durable_is_noted_soon_and_at_the_end) {
    script_.set([](auto& s) { s.wants_note = true; });
    log_->submit(write(1));
    EXPECT_TRUE(comes_true([&] { return script_.ask([](auto& s) { return s.noted == 1; }); }));
    script_.set([](auto& s) { s.wants_note = true; });
    log_->submit(write(2));
    ASSERT_TRUE(persists(2));
    log_.reset();
    EXPECT_EQ(script_.ask([](auto& s) { return s.noted; }), 2)
        << "not yet due, but the last chance";
}

TEST_F(LogThreadTest, a_write_is_reported_when_it_is_durable) {
    log_->submit(write(1));
    ASSERT_TRUE(persists(1));
    EXPECT_EQ(script_.ask([](auto& s) { return s.durable; }), (std::vector<std::uint64_t>{1}));
    EXPECT_GE(notifications_, 1);
}

TEST_F(LogThreadTest, writes_that_gather_during_a_sync_share_the_next_one) {
    script_.set([](auto& s) { s.hold_syncs = true; });
    log_->submit(write(1));
    ASSERT_TRUE(appends(1));
    for (std::uint64_t sequence = 2; sequence <= 50; ++sequence) log_->submit(write(sequence));
    EXPECT_EQ(collect().persisted, 0u);
    script_.set([](auto& s) { s.hold_syncs = false; });
    ASSERT_TRUE(persists(50));
    EXPECT_EQ(script_.ask([](auto& s) { return s.syncs; }), 2);
    EXPECT_EQ(log_->stats().sync_us.count(), 2u);
}

TEST_F(LogThreadTest, writes_keep_their_order) {
    std::vector<std::uint64_t> expected;
    for (std::uint64_t sequence = 1; sequence <= 2000; ++sequence) {
        log_->submit(write(sequence));
        expected.push_back(sequence);
    }
    ASSERT_TRUE(persists(2000));
    EXPECT_EQ(script_.ask([](auto& s) { return s.appended; }), expected);
}

TEST_F(LogThreadTest, fetched_entries_come_back_to_the_follower_that_lacks_them) {
    log_->fetch({NodeId(2), LogIndex(5), LogIndex(7), 1000});
    ASSERT_TRUE(comes_true([&] { return !collect().fetched.empty(); }));
    ASSERT_EQ(seen_.fetched.size(), 1u);
    EXPECT_EQ(seen_.fetched[0].follower, NodeId(2));
    ASSERT_EQ(seen_.fetched[0].entries.size(), 3u);
    EXPECT_EQ(seen_.fetched[0].entries[0].index, LogIndex(5));
}

TEST_F(LogThreadTest, without_room_a_write_waits_and_its_owner_is_told) {
    script_.set([](auto& s) { s.full = true; });
    log_->submit(write(1));
    ASSERT_TRUE(comes_true([&] { return !collect().room.empty(); }));
    EXPECT_EQ(seen_.room, (std::vector<bool>{false}));
    EXPECT_EQ(seen_.persisted, 0u);
    log_->submit(write(2));
    script_.set([](auto& s) { s.full = false; });
    ASSERT_TRUE(persists(2));
    ASSERT_TRUE(comes_true([&] { return collect().room.size() == 2; }));
    EXPECT_EQ(seen_.room, (std::vector<bool>{false, true}));
    EXPECT_EQ(script_.ask([](auto& s) { return s.appended; }), (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(LogThreadTest, reads_are_served_while_there_is_no_room) {
    script_.set([](auto& s) { s.full = true; });
    log_->submit(write(1));
    ASSERT_TRUE(comes_true([&] { return !collect().room.empty(); }));
    log_->fetch({NodeId(1), LogIndex(1), LogIndex(1), 1000});
    EXPECT_TRUE(comes_true([&] { return !collect().fetched.empty(); }));
}

TEST_F(LogThreadTest, a_segment_that_cannot_be_prepared_is_said_before_the_last_one_is_full) {
    script_.set([](auto& s) { s.no_segment = s.wants_segment = true; });
    log_->submit(write(1));
    ASSERT_TRUE(persists(1));
    ASSERT_TRUE(comes_true([&] { return !collect().room.empty(); }));
    EXPECT_EQ(seen_.room, (std::vector<bool>{false}));
    // What is under way still finds its place.
    log_->submit(write(2));
    ASSERT_TRUE(persists(2));
    script_.set([](auto& s) { s.no_segment = false; });
    ASSERT_TRUE(comes_true([&] { return collect().room.size() == 2; }));
    EXPECT_EQ(seen_.room, (std::vector<bool>{false, true}));
    EXPECT_EQ(script_.ask([](auto& s) { return s.prepared; }), 1);
}

TEST_F(LogThreadTest, what_a_snapshot_made_superfluous_is_removed) {
    auto cleaned = [&] { return script_.ask([](auto& s) { return s.cleaned; }); };
    script_.set([](auto& s) { s.wants_clean_up = true; });
    log_->submit(write(1));
    ASSERT_TRUE(comes_true([&] { return cleaned() == 1; }));
    script_.set([](auto& s) { s.wants_clean_up = true; });
    log_ = std::make_unique<LogThread>(std::make_unique<FakeWal>(script_), [] {});
    EXPECT_TRUE(comes_true([&] { return cleaned() == 2; })) << "of an earlier process, at once";
}

TEST_F(LogThreadTest, files_are_removed_while_there_is_no_room) {
    script_.set([](auto& s) { s.no_segment = s.wants_segment = s.wants_clean_up = true; });
    log_->submit(write(1));
    ASSERT_TRUE(comes_true([&] { return !collect().room.empty(); }));
    EXPECT_EQ(script_.ask([](auto& s) { return s.cleaned; }), 1);
}

TEST_F(LogThreadTest, a_quiet_log_is_marked_idle_once) {
    log_->submit(write(1));
    ASSERT_TRUE(comes_true([&] { return script_.ask([](auto& s) { return s.idle_marks == 1; }); }));
    log_->fetch({NodeId(1), LogIndex(1), LogIndex(1), 1000});
    ASSERT_TRUE(comes_true([&] { return !collect().fetched.empty(); }));
    EXPECT_EQ(script_.ask([](auto& s) { return s.idle_marks; }), 1);
}

TEST_F(LogThreadTest, what_was_submitted_is_synced_before_the_end) {
    script_.set([](auto& s) { s.hold_syncs = true; });
    for (std::uint64_t sequence = 1; sequence <= 10; ++sequence) log_->submit(write(sequence));
    script_.set([](auto& s) { s.hold_syncs = false; });
    log_.reset();
    EXPECT_EQ(script_.ask([](auto& s) { return s.durable.size(); }), 10u);
}

TEST_F(LogThreadTest, a_full_disk_does_not_keep_the_node_from_ending) {
    script_.set([](auto& s) { s.full = true; });
    log_->submit(write(1));
    log_.reset();
    EXPECT_TRUE(script_.ask([](auto& s) { return s.durable.empty(); }));
}

TEST(LogThreadDeathTest, a_failed_sync_ends_the_process_at_once) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_EXIT(
        {
            WalScript script;
            script.sync_fails = true;
            LogThread log(std::make_unique<FakeWal>(script), [] {});
            log.submit(write(1));
            comes_true([] { return false; });
        },
        testing::ExitedWithCode(74), "the fake disk is broken");
}

}  // namespace
}  // namespace raftkv::server
