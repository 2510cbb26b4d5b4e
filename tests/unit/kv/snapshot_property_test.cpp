#include <gtest/gtest.h>

#include <random>
#include <string>

#include "node/kv/store.hpp"
#include "tests/unit/kv/random_log.hpp"
#include "tests/unit/kv/snapshots.hpp"

// Random commands between the readings of snapshots, on stores that came to their state by
// different ways.

namespace raftkv::kv {
namespace {

constexpr std::uint64_t long_value = 20'000;  // so that a snapshot has several chunks

Store replayed(const std::vector<LoggedCommand>& log, std::size_t end) {
    Store store;
    for (std::size_t i = 0; i < end; ++i) store.apply(log[i].index, log[i].bytes);
    return store;
}

bool has_dead_keys(const Store& store) {
    return store.earliest_deadline().value_or(store.clock() + 1) <= store.clock();
}

// Goes through a log, with a snapshot under way all the time; some are given up.
class Reader {
  public:
    Reader(std::uint64_t seed, std::size_t length)
        : random_(seed), log_(random_log(seed, length, long_value)) {}

    void run() {
        while (at_ < log_.size()) {
            const std::size_t begin = at_;
            store_.begin_snapshot();
            if (below(4) == 0) {
                give_up();
                continue;
            }
            const Chunks chunks = read_to_end(store_, [this] { apply_some(); });
            EXPECT_EQ(store_.snapshot_kept_bytes(), 0u);
            check(chunks, begin);
            if (testing::Test::HasFatalFailure()) return;
            apply_some();
        }
    }

    std::size_t checked() const { return checked_; }
    std::size_t with_several_chunks() const { return several_; }

  private:
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

    void apply_some() {
        for (std::uint64_t count = below(60); count > 0 && at_ < log_.size(); --count, ++at_) {
            store_.apply(log_[at_].index, log_[at_].bytes);
        }
    }

    void give_up() {
        std::string chunk;
        for (std::uint64_t i = below(3); i > 0 && store_.read_snapshot(chunk); --i) apply_some();
        store_.end_snapshot();
        while (store_.snapshot_kept_bytes() > 0 && at_ < log_.size()) apply_some();
    }

    // Against a replica that replays the whole log, and one that goes on from the last snapshot.
    void check(const Chunks& chunks, std::size_t end) {
        ++checked_;
        several_ += chunks.size() > 1;
        Store fresh = replayed(log_, end);
        ASSERT_EQ(snapshot_of(fresh), chunks);
        for (; loaded_at_ < end; ++loaded_at_) {
            const LoggedCommand& command = log_[loaded_at_];
            loaded_.apply(command.index, command.bytes);
        }
        ASSERT_EQ(snapshot_of(loaded_), chunks);
        loaded_ = loaded(chunks);
        loaded_at_ = end;
        ASSERT_EQ(loaded_.state_hash(), fresh.state_hash());
        ASSERT_EQ(snapshot_of(loaded_), chunks);
    }

    std::mt19937_64 random_;
    std::vector<LoggedCommand> log_;
    Store store_;
    std::size_t at_ = 0;  // of log_: what `store_` applies next
    Store loaded_;
    std::size_t loaded_at_ = 0;
    std::size_t checked_ = 0, several_ = 0;
};

TEST(SnapshotProperty, IsTheSameOnAllReplicasWhateverIsAppliedWhileItIsRead) {
    std::size_t checked = 0, several = 0;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE(seed);
        Reader reader(seed, 1500);
        reader.run();
        ASSERT_FALSE(HasFatalFailure());
        checked += reader.checked();
        several += reader.with_several_chunks();
    }
    EXPECT_GT(checked, 200u);
    EXPECT_GT(several, 100u) << "the log is no good test";
}

TEST(SnapshotProperty, StoreThatWasLoadedGoesOnAsTheOriginal) {
    std::size_t exact = 0;
    for (std::uint64_t seed = 100; seed < 160; ++seed) {
        const std::vector<LoggedCommand> log = random_log(seed, 1000);
        const std::size_t cut = seed * 16 % 1000;
        Store original = replayed(log, cut);
        // Keys that are past their end and still there are the one thing that isn't taken along.
        const bool is_exact = !has_dead_keys(original);
        exact += is_exact;
        Store twin = loaded(snapshot_of(original));
        for (std::size_t i = cut; i < log.size(); ++i) {
            const Outcome expected = original.apply(log[i].index, log[i].bytes);
            const Outcome outcome = twin.apply(log[i].index, log[i].bytes);
            ASSERT_EQ(outcome.status, expected.status) << "seed " << seed;
            ASSERT_EQ(outcome.version, expected.version);
            ASSERT_EQ(twin.state_hash(), original.state_hash());
            ASSERT_EQ(twin.last_applied(), original.last_applied());
            if (!is_exact) continue;
            ASSERT_EQ(twin.size(), original.size());
            ASSERT_EQ(twin.bytes(), original.bytes());
            ASSERT_EQ(twin.earliest_deadline(), original.earliest_deadline());
        }
        ASSERT_EQ(snapshot_of(twin), snapshot_of(original));
    }
    EXPECT_GT(exact, 30u) << "the log is no good test";
}

}  // namespace
}  // namespace raftkv::kv
