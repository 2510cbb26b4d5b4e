#include "cli/test/simulation/suite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace raftkv::simulation {

namespace {

using Clock = std::chrono::steady_clock;

class Suite {
  public:
    explicit Suite(const SuiteOptions& options)
        : options_(options), began_(Clock::now()), next_(options.first_seed) {
        result_.threads = options.threads;
        result_.only_members = options.only_members;
    }

    SuiteResult run(const SuiteWatch& watch) {
        std::vector<std::jthread> threads;
        running_ = options_.threads;
        for (unsigned i = 0; i < options_.threads; ++i) threads.emplace_back([this] { work(); });
        std::unique_lock lock(mutex_);
        while (!finished_.wait_for(lock, std::chrono::milliseconds(100),
                                   [this] { return running_ == 0; })) {
            const SuiteProgress progress{result_.runs, result_.counters.events,
                                         result_.failures.size()};
            lock.unlock();
            if (!watch(progress)) stop_ = true;
            lock.lock();
        }
        result_.complete = !stop_;
        result_.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
        std::sort(result_.failures.begin(), result_.failures.end(),
                  [](const auto& a, const auto& b) { return a.seed < b.seed; });
        return std::move(result_);
    }

  private:
    bool is_last(std::uint64_t seed) const {
        if (stop_) return true;
        if (options_.time) return Clock::now() - began_ >= *options_.time;
        return seed - options_.first_seed >= options_.seeds;
    }

    void work() {
        for (;;) {
            const std::uint64_t seed = next_++;
            if (is_last(seed)) break;
            const Plan plan = make_plan(seed, options_.size);
            if (options_.only_members && !changes_members(plan)) continue;
            Outcome outcome = run_judged(plan);
            std::lock_guard lock(mutex_);
            ++result_.runs;
            result_.counters.add(outcome.counters);
            if (outcome.failure) {
                result_.failures.push_back({seed, plan.nodes, std::move(*outcome.failure)});
            }
        }
        std::lock_guard lock(mutex_);
        --running_;
        finished_.notify_one();
    }

    const SuiteOptions& options_;
    const Clock::time_point began_;
    std::atomic<std::uint64_t> next_;
    std::atomic<bool> stop_ = false;
    std::mutex mutex_;  // guards what follows
    std::condition_variable finished_;
    unsigned running_ = 0;
    SuiteResult result_;
};

}  // namespace

Outcome run_judged(const Plan& plan) {
    RunOptions options;
    options.check_history = plan.seed % 10 == 0;
    Outcome outcome = run(plan, options);
    if (outcome.failure || plan.seed % 100 != 0) return outcome;
    const Outcome again = run(plan, {});
    if (again.trace_hash != outcome.trace_hash) {
        outcome.failure = Failure{
            "determinism",
            fmt::format("the second run went another way: trace hash {:016x}, first {:016x}",
                        again.trace_hash, outcome.trace_hash),
            again.ended,
            {}};
    }
    return outcome;
}

std::vector<std::string> SuiteResult::never_happened() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < fault_kinds; ++i) {
        if (counters.faults[i] == 0) names.emplace_back(name_of(static_cast<FaultKind>(i)));
    }
    for (std::size_t i = 0; i < seen_kinds; ++i) {
        if (counters.seen[i] == 0) names.emplace_back(name_of(static_cast<Seen>(i)));
    }
    return names;
}

SuiteResult run_suite(const SuiteOptions& options, const SuiteWatch& watch) {
    return Suite(options).run(watch);
}

}  // namespace raftkv::simulation
