#include "cli/test/scenarios/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "cli/test/checker/linearizability.hpp"
#include "cli/test/closing_checks.hpp"
#include "cli/test/history/expiry.hpp"
#include "cli/test/scenarios/steady_writer.hpp"

namespace raftkv::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint32_t readers = 8;

Result<void> look_for_an_order(const History& history, const Limits& limits) {
    const CheckResult result = check_linearizable(history, limits, CheckBudget{});
    if (result.outcome == Linearizable::yes) return {};
    const auto kind = result.outcome == Linearizable::no ? ErrorKind::failed : ErrorKind::undecided;
    std::string text = fmt::format("{}: {}", name_of(result.outcome), result.explanation);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return Error{kind, std::move(text)};
}

// The rules first: what breaks one of them is told in a sentence.
Result<void> verdict_of(const History& history) {
    const Limits limits = usual_limits();
    if (auto judged = judge_by_rules(history, limits); !judged) return judged;
    return look_for_an_order(history, limits);
}

}  // namespace

RecordingClient::Setup Stage::next_client(std::optional<NodeId> avoid, milliseconds timeout) {
    RecordingClient::Setup setup;
    setup.id = clients_made++;
    setup.seed = random();
    setup.timeout = timeout;
    setup.node_timeout = timeout;
    setup.cancel_fd = interrupt.descriptor();
    setup.avoid = avoid;
    return setup;
}

std::vector<RecordingClient::Setup> Stage::next_clients(std::uint32_t count) {
    std::vector<RecordingClient::Setup> setups;
    for (std::uint32_t i = 0; i < count; ++i) setups.push_back(next_client());
    return setups;
}

void Stage::collect(const History& more) {
    history.insert(history.end(), more.begin(), more.end());
}

Result<void> start_nodes(Stage& stage, const std::vector<NodeId>& nodes) {
    for (NodeId id : nodes) {
        if (auto started = stage.cluster.start(id); !started) return started;
    }
    return {};
}

Result<void> run_clients(Stage& stage, std::uint32_t count, const Work& work) {
    ClientCrew crew(stage.cluster.config());
    crew.start(stage.next_clients(count), work);
    const auto worked = see_through(crew, stage.watch, stage.interrupt);
    stage.collect(crew.take_history());
    return worked;
}

Result<void> while_clients_work(Stage& stage, const Work& work, std::atomic<bool>& stop,
                                const std::function<Result<void>()>& action) {
    ClientCrew crew(stage.cluster.config());
    crew.start(stage.next_clients(stage.settings.clients), work);
    const auto done = action();
    stop = true;
    if (!done) crew.cancel();
    const auto worked = see_through(crew, stage.watch, stage.interrupt);
    stage.collect(crew.take_history());
    return done ? worked : done;
}

Result<void> while_clients_write(Stage& stage, const std::function<Result<void>()>& action) {
    std::atomic<bool> stop{false};
    const Work work = [&](RecordingClient& client, std::uint32_t number) -> Result<void> {
        SteadyWriter writer(client, number);
        while (!stop) {
            if (auto turn = writer.turn(); !turn) return turn;
        }
        return {};
    };
    return while_clients_work(stage, work, stop, action);
}

Result<std::string> write_until_acknowledged(Stage& stage, RecordingClient& client) {
    const auto deadline = steady_clock::now() + leader_limit;
    for (;;) {
        const std::string key = fmt::format("w{}", stage.below(1'000'000'000'000));
        const auto written = client.set(key, 0, 32);
        if (!written) return written.error();
        if (written->outcome == Outcome::ok) return key;
        if (auto fine = stage.watch.check(); !fine) return fine.error();
        if (steady_clock::now() >= deadline) {
            return Error{
                ErrorKind::failed,
                fmt::format("no write was acknowledged within {} s by {}",
                            leader_limit.count() / 1000, names_of(stage.cluster.running()))};
        }
    }
}

Result<void> read_everything(Stage& stage) {
    return run_clients(stage, readers, reading_all(stage.history, readers, leader_limit));
}

Result<void> judge_history(Stage& stage) {
    return verdict_of(stage.history);
}

Result<void> compare_states(Stage& stage) {
    const auto reads = read_equal_states(stage.watch, stage.history, catch_up_limit);
    if (!reads) return reads.error();
    stage.collect(*reads);
    return verdict_of(stage.history);
}

std::string names_of(const std::vector<NodeId>& nodes) {
    std::string names;
    for (NodeId id : nodes) {
        names += fmt::format("{}node {}", names.empty() ? "" : ", ", id.value());
    }
    return names.empty() ? "no node" : names;
}

double milliseconds_between(Instant from, Instant to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

std::vector<double> times_until_served(const History& history, const std::vector<Instant>& since) {
    std::vector<double> times;
    for (Instant instant : since) {
        Instant served = Instant::max();
        for (const Operation& op : history) {
            if (op.puts() && op.outcome == Outcome::ok && op.start > instant) {
                served = std::min(served, op.end);
            }
        }
        if (served != Instant::max()) times.push_back(milliseconds_between(instant, served));
    }
    return times;
}

}  // namespace raftkv::test
