#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "cli/test/scenarios/scenario.hpp"
#include "cli/test/scenarios/workload.hpp"

namespace raftkv::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// What the clients work by, and what they have done so far.
struct Load {
    Instant end;
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> turns{0};

    bool over() const { return stop || steady_clock::now() >= end; }
};

// Shares the time between the ticks of the progress bar and the live line.
class Ticker {
  public:
    Ticker(Stage& stage, const Load& load) : stage_(stage), load_(load) {}

    bool over() const { return load_.over(); }

    // Lets the load go on; ends early when the time is over.
    Result<void> run_for(milliseconds time, const std::string& doing) {
        const auto until = std::min(load_.end, steady_clock::now() + time);
        while (steady_clock::now() < until && !over()) {
            const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
            auto waited = stage_.interrupt.pause_for(std::min(left, milliseconds(100)));
            if (!waited) return waited;
            if (auto fine = stage_.watch.check(); !fine) return fine;
            show(doing);
        }
        return {};
    }

  private:
    void show(const std::string& doing) {
        const auto left = std::chrono::ceil<seconds>(load_.end - steady_clock::now()).count();
        const auto second =
            stage_.settings.seconds - std::min<std::int64_t>(left, stage_.settings.seconds);
        if (second == shown_) return;
        for (; shown_ < second; ++shown_) stage_.progress.tick();
        stage_.progress.live(fmt::format("{} s, {} turns, {}", shown_, load_.turns.load(), doing));
    }

    Stage& stage_;
    const Load& load_;
    std::int64_t shown_ = 0;
};

struct Disruptions {
    std::vector<Instant> kills;
    std::vector<Instant> pauses;
};

// Takes the leader away for a while, once.
Result<void> disrupt(Stage& stage, Ticker& ticker, Disruptions& done) {
    const auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    const std::string node = fmt::format("node {}", leader->value());
    if (auto ran = ticker.run_for(milliseconds(400 + stage.below(800)), node + " leads"); !ran) {
        return ran;
    }
    if (ticker.over()) return {};
    const milliseconds away(500 + stage.below(800));
    // A kill first: a short run without one would say little.
    if (!done.kills.empty() && stage.below(3) == 0) {
        done.pauses.push_back(steady_clock::now());
        stage.cluster.pause(*leader);
        auto ran = ticker.run_for(away, node + " is paused");
        stage.cluster.resume(*leader);
        if (!ran) return ran;
    } else {
        done.kills.push_back(steady_clock::now());
        stage.cluster.kill(*leader);
        if (auto ran = ticker.run_for(away, node + " is killed"); !ran) return ran;
        if (auto started = stage.cluster.start(*leader); !started) return started;
    }
    return stage.watch.wait_until_caught_up(*leader, catch_up_limit);
}

Result<void> disrupt_until_over(Stage& stage, const Load& load, Disruptions& done) {
    Ticker ticker(stage, load);
    while (!ticker.over()) {
        if (auto disrupted = disrupt(stage, ticker, done); !disrupted) return disrupted;
    }
    return {};
}

Result<void> run_load(Stage& stage, Disruptions& disruptions) {
    Load load;
    load.end = steady_clock::now() + seconds(stage.settings.seconds);
    const std::uint64_t seed = stage.random();
    const std::vector<NodeId> nodes = stage.cluster.all();

    const Work work = [&](RecordingClient& client, std::uint32_t number) -> Result<void> {
        Workload workload(client, number, seed + number, nodes);
        while (!load.over()) {
            auto turn = workload.turn();
            if (!turn) load.stop = true;
            if (!turn) return turn;
            ++load.turns;
        }
        return {};
    };
    return while_clients_work(stage, work, load.stop,
                              [&] { return disrupt_until_over(stage, load, disruptions); });
}

void add_figures(Stage& stage, const History& load, const Disruptions& disruptions) {
    const auto count = [&](auto condition) {
        return static_cast<double>(std::count_if(load.begin(), load.end(), condition));
    };
    auto& figures = stage.figures;
    figures.push_back({"operations", "operations", static_cast<double>(load.size()), ""});
    figures.push_back(
        {"acknowledged_writes", "  writes acknowledged",
         count([](const auto& op) { return !op.reads() && op.outcome == Outcome::ok; }), ""});
    figures.push_back({"refused_writes", "  writes refused", count([](const auto& op) {
                           return !op.reads() && (op.outcome == Outcome::conflict ||
                                                  op.outcome == Outcome::absent);
                       }),
                       ""});
    figures.push_back({"unknown_writes", "  writes whose outcome is unknown",
                       count([](const auto& op) { return op.outcome == Outcome::unknown; }), ""});
    figures.push_back(
        {"reads", "  reads answered",
         count([](const auto& op) { return op.reads() && op.outcome != Outcome::not_done; }), ""});
    figures.push_back(
        {"leaders_killed", "leaders killed", static_cast<double>(disruptions.kills.size()), ""});
    figures.push_back(
        {"leaders_paused", "leaders paused", static_cast<double>(disruptions.pauses.size()), ""});
    add_distribution(figures, "kill", "leader killed: time until a write is served",
                     times_until_served(load, disruptions.kills));
    add_distribution(figures, "pause", "leader paused: time until a write is served",
                     times_until_served(load, disruptions.pauses));
}

}  // namespace

std::size_t stress_ticks(const Settings& settings) {
    return settings.seconds + 2;
}

Result<void> run_stress(Stage& stage) {
    stage.progress.step("all nodes elect a leader");
    if (auto started = start_nodes(stage, stage.cluster.all()); !started) return started;
    auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    stage.progress.tick();

    stage.progress.step(
        fmt::format("{} clients work while leaders are lost", stage.settings.clients));
    Disruptions disruptions;
    auto loaded = run_load(stage, disruptions);
    add_figures(stage, stage.history, disruptions);
    if (!loaded) return loaded;

    stage.progress.step("every reply is explained, and all replicas are equal");
    if (auto read = read_everything(stage); !read) return read;
    if (auto same = compare_states(stage); !same) return same;
    stage.progress.tick();
    return {};
}

}  // namespace raftkv::test
