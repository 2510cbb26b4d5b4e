#include "cli/test/scenarios/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/test/checker/linearizability.hpp"
#include "cli/test/history/expiry.hpp"
#include "cli/test/verdict/verdict.hpp"

namespace raftkv::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint32_t readers = 8;
constexpr milliseconds between_checks{10};

Result<void> judge_by_rules(const History& history, const Limits& limits) {
    const auto anomalies = judge(history, limits);
    if (anomalies.empty()) return {};
    const Anomaly& first = anomalies.front();
    std::string text = fmt::format("{}: {}", name_of(first.kind), first.text);
    if (anomalies.size() > 1) text += fmt::format(" (and {} more)", anomalies.size() - 1);
    return Error{ErrorKind::failed, std::move(text)};
}

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
    const Limits limits = limits_of(history);
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
    Result<void> fine;
    while (fine && !crew.done()) {
        fine = stage.watch.check();
        if (fine) fine = stage.interrupt.pause_for(between_checks);
    }
    if (!fine) crew.cancel();
    const auto worked = crew.join();
    stage.collect(crew.take_history());
    // What happened to the cluster explains what happened to its clients.
    if (fine) fine = stage.watch.check();
    return fine ? worked : fine;
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
    std::set<std::string> distinct;
    for (const Operation& op : stage.history) distinct.insert(op.key);
    const std::vector<std::string> keys(distinct.begin(), distinct.end());
    return run_clients(
        stage, readers, [&](RecordingClient& client, std::uint32_t number) -> Result<void> {
            for (std::size_t i = number; i < keys.size(); i += readers) {
                const auto read = client.getm(keys[i]);
                if (!read) return read.error();
                if (read->outcome != Outcome::not_done) continue;
                return Error{ErrorKind::failed, fmt::format("key {} could not be read within {} s",
                                                            keys[i], leader_limit.count() / 1000)};
            }
            return {};
        });
}

Result<void> judge_history(Stage& stage) {
    return verdict_of(stage.history);
}

Result<void> compare_states(Stage& stage) {
    if (auto level = stage.watch.wait_until_level(catch_up_limit); !level) return level;
    const Instant start = steady_clock::now();
    const auto states = stage.watch.dump_states(catch_up_limit);
    if (!states) return states.error();
    const Instant end = steady_clock::now();
    for (const StateDump& state : *states) {
        const auto found = differences(states->front(), state, 1);
        if (!found.empty()) {
            return Error{ErrorKind::failed, "the replicas differ: " + found.front()};
        }
    }
    stage.collect(as_reads(states->front(), stage.history, start, end));
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

}  // namespace raftkv::test
