#include "cli/test/simulation/shrink.hpp"

#include <algorithm>
#include <utility>

#include "cli/test/simulation/simulation.hpp"

namespace raftkv::simulation {

namespace {

class Shrinker {
  public:
    Shrinker(const Plan& plan, std::string invariant, std::size_t most_runs,
             const ShrinkWatch& watch)
        : best_(plan), invariant_(std::move(invariant)), runs_left_(most_runs), watch_(watch) {}

    Plan shrink() {
        std::size_t before = 0;
        do {
            before = best_.faults.size() + best_.operations.size();
            leave_out(&Plan::faults);
            leave_out(&Plan::operations);
            shorten();
        } while (best_.faults.size() + best_.operations.size() < before && !over());
        return best_;
    }

  private:
    bool over() const { return runs_left_ == 0; }

    bool still_fails(const Plan& plan) {
        if (over()) return false;
        --runs_left_;
        ++progress_.runs;
        RunOptions options;
        options.check_history = invariant_ == "linearizability";
        const Outcome outcome = run(plan, options);
        const bool fails = outcome.failure && outcome.failure->invariant == invariant_;
        if (fails) failed_at_ = outcome.failure->at;
        progress_.faults = best_.faults.size();
        progress_.operations = best_.operations.size();
        if (!watch_(progress_)) runs_left_ = 0;
        return fails;
    }

    bool accept(Plan plan) {
        if (!still_fails(plan)) return false;
        best_ = std::move(plan);
        return true;
    }

    template <class Items>
    void leave_out(Items Plan::*list) {
        std::size_t chunk = std::max<std::size_t>((best_.*list).size() / 2, 1);
        while (!over() && !(best_.*list).empty()) {
            bool progress = false;
            for (std::size_t from = 0; from < (best_.*list).size();) {
                Plan smaller = best_;
                auto& items = smaller.*list;
                const std::size_t to = std::min(items.size(), from + chunk);
                items.erase(items.begin() + static_cast<std::ptrdiff_t>(from),
                            items.begin() + static_cast<std::ptrdiff_t>(to));
                if (accept(std::move(smaller))) {
                    progress = true;
                } else {
                    from += chunk;
                }
                if (over()) return;
            }
            if (chunk == 1 && !progress) return;
            chunk = std::max<std::size_t>(chunk / 2, 1);
        }
    }

    // Ends the run soon after it fails.
    void shorten() {
        if (failed_at_ == 0 || failed_at_ + 1 >= best_.horizon) return;
        Plan shorter = best_;
        shorter.horizon = failed_at_ + 1;
        const auto late = [&](const auto& item) { return item.at > shorter.horizon; };
        std::erase_if(shorter.faults, late);
        std::erase_if(shorter.operations, late);
        accept(std::move(shorter));
    }

    Plan best_;
    std::string invariant_;
    std::size_t runs_left_;
    const ShrinkWatch& watch_;
    ShrinkProgress progress_;
    Micros failed_at_ = 0;
};

}  // namespace

Plan shrink(const Plan& plan, const std::string& invariant, std::size_t most_runs,
            const ShrinkWatch& watch) {
    return Shrinker(plan, invariant, most_runs, watch).shrink();
}

}  // namespace raftkv::simulation
