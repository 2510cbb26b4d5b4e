// The verdict against histories of a store that is correct by construction: whatever it did, and
// however its clients overlapped, nothing may be found. And the same histories with one reply made
// up must not all pass.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>

#include "cli/test/verdict/verdict.hpp"

namespace raftkv::test {
namespace {

using protocol::Op;
using std::chrono::milliseconds;

// One store, which does each command at one instant between its start and its end; a write whose
// client gave up may come later, or never.
class CorrectStore {
  public:
    explicit CorrectStore(std::uint64_t seed) : random_(seed) {}

    History run() {
        for (std::uint32_t client = 0; client < 6; ++client) plan_client(client);
        std::sort(plans_.begin(), plans_.end(),
                  [](const Plan& a, const Plan& b) { return a.effect_ms < b.effect_ms; });
        for (Plan& plan : plans_) execute(plan);
        History history;
        for (const Plan& plan : plans_) history.push_back(plan.operation);
        return history;
    }

  private:
    struct Plan {
        Operation operation;
        int effect_ms = 0;
        bool answered = true;
    };
    struct Entry {
        std::uint64_t version = 0;
        std::uint64_t fingerprint = 0;
        std::uint32_t exptime_s = 0;
        int deadline_ms = 0;
    };

    int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

    void plan_client(std::uint32_t client) {
        int now_ms = below(20);
        for (int turn = 0; turn < 60; ++turn) {
            Plan plan;
            Operation& op = plan.operation;
            op.client = client;
            op.op = static_cast<Op>(below(5));
            op.key = below(2) == 0 ? "shared" : "own" + std::to_string(client);
            if (op.puts()) {
                op.fingerprint = ++values_;
                op.exptime_s = below(3) == 0 ? 1 : 0;
            }
            const int took_ms = 1 + below(60);
            op.start = Instant(milliseconds(now_ms));
            op.end = Instant(milliseconds(now_ms + took_ms));
            plan.effect_ms = now_ms + below(took_ms + 1);
            plan.answered = op.reads() || below(10) != 0;
            if (!plan.answered) plan.effect_ms += below(3) * 500;
            now_ms += took_ms + 1 + below(30);
            plans_.push_back(plan);
        }
    }

    void execute(Plan& plan) {
        Operation& op = plan.operation;
        auto found = keys_.find(op.key);
        if (found != keys_.end() && found->second.deadline_ms <= plan.effect_ms) {
            keys_.erase(found);
            found = keys_.end();
        }
        ++index_;
        // Half of the guesses at a version are right.
        if (op.op == Op::cas) op.expected = below(2) == 0 ? 1 : newest_[op.key];
        const bool never_happens = !plan.answered && below(2) == 0;
        if (!never_happens) op.outcome = apply(op, found, plan.effect_ms);
        if (!plan.answered) {
            op.outcome = Outcome::unknown;
            op.version = 0;
        }
    }

    Outcome apply(Operation& op, std::map<std::string, Entry>::iterator found, int now_ms) {
        const bool is_there = found != keys_.end();
        if (op.op == Op::set && is_there) return Outcome::conflict;
        if (op.op != Op::set && !is_there) return Outcome::absent;
        if (op.op == Op::cas && found->second.version != op.expected) return Outcome::conflict;
        if (op.op == Op::del) keys_.erase(found);
        if (op.puts()) put(op, now_ms);
        if (op.reads()) {
            op.fingerprint = found->second.fingerprint;
            op.exptime_s = op.op == Op::getm ? found->second.exptime_s : 0;
            op.version = op.op == Op::getm ? found->second.version : 0;
        }
        return Outcome::ok;
    }

    void put(Operation& op, int now_ms) {
        op.version = newest_[op.key] = index_;
        const int deadline_ms = op.exptime_s == 0 ? 1'000'000 : now_ms + 1000;
        keys_[op.key] = {index_, op.fingerprint, op.exptime_s, deadline_ms};
    }

    std::mt19937_64 random_;
    std::uint64_t values_ = 0;
    std::uint64_t index_ = 1;
    std::vector<Plan> plans_;
    std::map<std::string, Entry> keys_;
    std::map<std::string, std::uint64_t> newest_;
};

TEST(CorrectStore, IsNeverBlamed) {
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        const auto found = judge(CorrectStore(seed).run(), Limits{});
        ASSERT_TRUE(found.empty()) << "seed " << seed << ": " << found.front().text;
    }
}

TEST(CorrectStore, ProducesEveryOutcomeOfEveryCommand) {
    std::map<std::pair<Op, Outcome>, int> seen;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        for (const Operation& op : CorrectStore(seed).run()) ++seen[{op.op, op.outcome}];
    }
    EXPECT_EQ(seen.size(), 3u + 4u + 2u + 2u + 3u);  // set, cas, get, getm, delete
}

// Swaps the answers of two reads of one key: mostly something that could not have been.
bool swap_two_reads(History& history, std::mt19937_64& random) {
    std::vector<Operation*> reads;
    for (Operation& op : history) {
        if (op.op == Op::getm && op.outcome == Outcome::ok && op.key == "shared") {
            reads.push_back(&op);
        }
    }
    if (reads.size() < 2) return false;
    std::shuffle(reads.begin(), reads.end(), random);
    std::swap(reads[0]->version, reads[1]->version);
    std::swap(reads[0]->fingerprint, reads[1]->fingerprint);
    std::swap(reads[0]->exptime_s, reads[1]->exptime_s);
    return reads[0]->version != reads[1]->version;
}

TEST(CorrectStore, WithSwappedReadsIsMostlyFoundOut) {
    std::mt19937_64 random(1);
    int swapped = 0;
    int caught = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        History history = CorrectStore(seed).run();
        if (!swap_two_reads(history, random)) continue;
        ++swapped;
        if (!judge(history, Limits{}).empty()) ++caught;
    }
    EXPECT_GT(swapped, 100);
    EXPECT_GT(caught * 10, swapped * 9) << caught << " of " << swapped;
}

}  // namespace
}  // namespace raftkv::test
