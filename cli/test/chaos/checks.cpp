#include "cli/test/chaos/checks.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "cli/test/checker/linearizability.hpp"
#include "cli/test/client_crew.hpp"
#include "cli/test/closing_checks.hpp"
#include "common/check.hpp"

namespace raftkv::chaos {
namespace {

using std::chrono::steady_clock;

constexpr std::uint32_t readers = 8;
constexpr Millis read_timeout{10'000};

Outcome outcome_of(const Error& error) {
    return error.kind == ErrorKind::undecided ? Outcome::undecided : Outcome::failed;
}

// Runs a look and puts it down; an Error is an interruption.
Result<void> look(Stand& stand, const std::string& name,
                  const std::function<Result<void>(Stand&)>& doing) {
    stand.progress.step(name);
    const Instant began = steady_clock::now();
    const auto result = doing(stand);
    if (!result && stand.interrupt.requested()) return Error{ErrorKind::interrupted, "interrupted"};
    Check check;
    check.name = name;
    check.outcome = result ? Outcome::passed : outcome_of(result.error());
    if (!result) check.text = result.error().message;
    check.seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
    stand.report.checks.push_back(std::move(check));
    return {};
}

Result<void> read_everything(Stand& stand) {
    test::ClientCrew crew(stand.cluster.config());
    crew.start(stand.next_clients(readers, read_timeout),
               test::reading_all(stand.history, readers, read_timeout));
    const auto read = test::see_through(crew, stand.watch, stand.interrupt);
    stand.collect(crew.take_history());
    return read;
}

// What the nodes hold in the end is judged with the history, as reads.
Result<void> compare_states(Stand& stand) {
    const auto reads = test::read_equal_states(stand.watch, stand.history, recovery_limit);
    if (!reads) return reads.error();
    stand.collect(*reads);
    return {};
}

Result<void> explain_replies(Stand& stand) {
    return test::judge_by_rules(stand.history, limits_for(stand.report.faults));
}

Result<void> linearize(Stand& stand) {
    const auto result = test::check_linearizable(
        stand.history, limits_for(stand.report.faults), {},
        [&](const test::CheckProgress&) { return !stand.interrupt.requested(); });
    switch (result.outcome) {
        case test::Linearizable::yes:
            return {};
        case test::Linearizable::no:
            return Error{ErrorKind::failed, result.explanation};
        case test::Linearizable::undecided:
            return Error{ErrorKind::undecided, result.explanation};
    }
    check_failed("known Linearizable", __FILE__, __LINE__);
}

void leave_out(Stand& stand, const std::string& name) {
    stand.report.checks.push_back({name, Outcome::not_run, "the cluster was not fit for it"});
}

struct Look {
    const char* name;
    Result<void> (*doing)(Stand&);
    bool needs_cluster;
};

constexpr Look looks[] = {
    {"every key can be read", read_everything, true},
    {"all replicas are equal", compare_states, true},
    {"every reply is explained", explain_replies, false},
    {"the history is linearizable", linearize, false},
};

}  // namespace

test::Limits limits_for(const std::vector<FaultRecord>& faults) {
    test::Limits limits = test::usual_limits();
    std::int64_t drifted_ms = 0;
    for (const FaultRecord& fault : faults) {
        if (fault.plan.kind != Kind::clock_drift) continue;
        const std::int64_t amount = std::abs(fault.plan.amount);  // hundredths of a percent
        drifted_ms = std::max(drifted_ms, fault.plan.lasts.count() * amount / 10'000);
    }
    // One leader's clock may be that fast, the next one's that slow. What a wall clock shows does
    // not matter.
    limits.clock_lag += Millis(2 * drifted_ms);
    return limits;
}

Result<void> check_all(Stand& stand, const Result<void>& disturbed) {
    bool fit = disturbed.ok();
    stand.report.checks.push_back({"no node dies, no term has two leaders, all come back",
                                   fit ? Outcome::passed : Outcome::failed,
                                   fit ? "" : disturbed.error().message});
    for (const Look& each : looks) {
        if (each.needs_cluster && !fit) {
            leave_out(stand, each.name);
            continue;
        }
        if (auto looked = look(stand, each.name, each.doing); !looked) return looked;
        const bool failed = stand.report.checks.back().outcome == Outcome::failed;
        if (each.needs_cluster && failed) fit = false;
    }
    return {};
}

}  // namespace raftkv::chaos
