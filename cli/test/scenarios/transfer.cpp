#include <fmt/format.h>

#include <algorithm>

#include "cli/admin/transfer.hpp"
#include "cli/test/scenarios/scenario.hpp"

namespace raftkv::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// For every client to be at work again before the next change.
constexpr milliseconds between_changes{100};

// A planned change of leader.
struct Change {
    Instant from, to;
    Term term;  // in which the next one leads
};

// From before the order until the next leader is known.
struct Changes {
    std::vector<Change> transfers;
    std::vector<Change> stops;
    std::vector<double> took_ms;  // as the nodes say, of transfers
};

NodeId another_than(Stage& stage, NodeId leader) {
    std::vector<NodeId> others = stage.cluster.all();
    std::erase(others, leader);
    return others[stage.below(others.size())];
}

// On a machine that is busy a node may not answer in time to be handed anything: then once more.
Result<cli::TransferReport> order_transfer(Stage& stage, std::optional<NodeId> to) {
    const auto deadline = steady_clock::now() + leader_limit;
    for (;;) {
        auto report = cli::transfer_leadership(stage.cluster.config(), to);
        if (report || steady_clock::now() >= deadline) return report;
        if (auto fine = stage.watch.check(); !fine) return fine.error();
        if (auto led = stage.watch.wait_for_leader(leader_limit); !led) return led.error();
    }
}

Result<void> move_once(Stage& stage, bool by_name, Changes& changes) {
    const auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    std::optional<NodeId> to;
    if (by_name) to = another_than(stage, *leader);
    const Instant from = steady_clock::now();
    const auto report = order_transfer(stage, to);
    if (!report) return report.error();
    changes.transfers.push_back({from, steady_clock::now(), report->term});
    changes.took_ms.push_back(static_cast<double>(report->took_ms));
    stage.progress.live(
        fmt::format("node {} leads after {} ms", report->to.value(), report->took_ms));
    stage.progress.tick();
    return stage.interrupt.pause_for(between_changes);
}

// SIGTERM: a leader in its right mind hands over before it goes.
Result<void> stop_once(Stage& stage, Changes& changes) {
    const auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    const Instant from = steady_clock::now();
    if (auto stopped = stage.cluster.stop(*leader); !stopped) return stopped;
    const auto next = stage.watch.wait_for_leader(leader_limit);
    if (!next) return next.error();
    changes.stops.push_back({from, steady_clock::now(), Term()});
    stage.progress.live(
        fmt::format("node {} has ended, node {} leads", leader->value(), next->value()));
    if (auto started = stage.cluster.start(*leader); !started) return started;
    stage.progress.tick();
    return stage.watch.wait_until_caught_up(*leader, catch_up_limit);
}

Result<void> move_leadership(Stage& stage, Changes& changes) {
    const std::uint32_t rounds = stage.settings.rounds;
    stage.progress.step(fmt::format("leadership moves to a node that is named, {} times", rounds));
    for (std::uint32_t i = 0; i < rounds; ++i)
        if (auto moved = move_once(stage, true, changes); !moved) return moved;
    stage.progress.step(fmt::format("and to the one that is furthest, {} times", rounds));
    for (std::uint32_t i = 0; i < rounds; ++i)
        if (auto moved = move_once(stage, false, changes); !moved) return moved;
    stage.progress.step(fmt::format("the leader is asked to end, {} times", rounds));
    for (std::uint32_t i = 0; i < rounds; ++i)
        if (auto stopped = stop_once(stage, changes); !stopped) return stopped;
    return {};
}

// For each change, how long the write took that took the longest of those it met.
std::vector<double> longest_writes(const History& history, const std::vector<Change>& changes) {
    std::vector<double> longest;
    for (const Change& change : changes) {
        double most = 0;
        for (const Operation& op : history) {
            if (op.reads() || op.outcome == Outcome::unknown) continue;
            if (op.start > change.to || op.end < change.from) continue;
            most = std::max(most, milliseconds_between(op.start, op.end));
        }
        longest.push_back(most);
    }
    return longest;
}

void add_figures(Stage& stage, const Changes& changes) {
    const auto count = [&](auto condition) {
        return static_cast<double>(
            std::count_if(stage.history.begin(), stage.history.end(), condition));
    };
    auto& figures = stage.figures;
    figures.push_back(
        {"acknowledged_writes", "writes acknowledged",
         count([](const auto& op) { return !op.reads() && op.outcome == Outcome::ok; }), ""});
    figures.push_back({"unknown_writes", "writes whose outcome is unknown",
                       count([](const auto& op) { return op.outcome == Outcome::unknown; }), ""});
    add_distribution(figures, "took", "leadership moved: as the nodes saw it", changes.took_ms);
    add_distribution(figures, "transfer", "leadership moved: longest time that a write took",
                     longest_writes(stage.history, changes.transfers));
    add_distribution(figures, "stop", "leader asked to end: longest time that a write took",
                     longest_writes(stage.history, changes.stops));
}

// Where no other election came between, nobody may be left in doubt about a write.
Result<void> nobody_was_left_in_doubt(const Stage& stage, const Changes& changes) {
    for (std::size_t i = 1; i < changes.transfers.size(); ++i) {
        const Change& change = changes.transfers[i];
        if (change.term != changes.transfers[i - 1].term + 1) continue;
        for (const Operation& op : stage.history) {
            const bool met_it = op.start <= change.to && op.end >= change.from;
            if (op.reads() || op.outcome != Outcome::unknown || !met_it) continue;
            return Error{ErrorKind::failed,
                         fmt::format("{} met a transfer, and nobody knows what became of it",
                                     describe(op, stage.history.front().start))};
        }
    }
    return {};
}

}  // namespace

std::size_t transfer_ticks(const Settings& settings) {
    return 3 * settings.rounds + 2;
}

Result<void> run_transfer(Stage& stage) {
    stage.progress.step("all nodes elect a leader");
    if (auto started = start_nodes(stage, stage.cluster.all()); !started) return started;
    auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    stage.progress.tick();

    Changes changes;
    auto moved = while_clients_write(stage, [&] { return move_leadership(stage, changes); });
    if (!stage.history.empty()) add_figures(stage, changes);
    if (!moved) return moved;
    if (auto known = nobody_was_left_in_doubt(stage, changes); !known) return known;

    stage.progress.step("every reply is explained, and all replicas are equal");
    if (auto read = read_everything(stage); !read) return read;
    if (auto same = compare_states(stage); !same) return same;
    stage.progress.tick();
    return {};
}

}  // namespace raftkv::test
