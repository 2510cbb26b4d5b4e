#include <fmt/format.h>

#include <algorithm>

#include "cli/test/scenarios/scenario.hpp"

namespace raftkv::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long fewer than a majority are watched electing nobody: many election timeouts.
constexpr milliseconds watch_minority_for{3'000};
constexpr milliseconds minority_timeout{600};

std::size_t majority(const Stage& stage) {
    return stage.settings.nodes / 2 + 1;
}

// Writes with a client that leaves `lost` alone, and tells how long after `since` that worked.
Result<double> time_until_served(Stage& stage, NodeId lost, Instant since, std::string& key) {
    RecordingClient client(stage.cluster.config(), stage.next_client(lost));
    const auto written = write_until_acknowledged(stage, client);
    const Instant now = steady_clock::now();
    stage.collect(client.history());
    if (!written) return written.error();
    key = *written;
    return milliseconds_between(since, now);
}

Result<void> serve_a_write(Stage& stage) {
    RecordingClient client(stage.cluster.config(), stage.next_client());
    const auto written = write_until_acknowledged(stage, client);
    stage.collect(client.history());
    if (!written) return written.error();
    stage.progress.tick();
    return {};
}

Result<void> start_majority_then_all(Stage& stage) {
    std::vector<NodeId> nodes = stage.cluster.all();
    std::shuffle(nodes.begin(), nodes.end(), stage.random);
    const std::vector<NodeId> first(nodes.begin(), nodes.begin() + majority(stage));
    const std::vector<NodeId> rest(nodes.begin() + majority(stage), nodes.end());

    stage.progress.step(
        fmt::format("{} of {} nodes elect a leader and serve a write", first.size(), nodes.size()));
    if (auto started = start_nodes(stage, first); !started) return started;
    auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    if (auto served = serve_a_write(stage); !served) return served;

    stage.progress.step("the others join and follow");
    if (auto started = start_nodes(stage, rest); !started) return started;
    for (NodeId id : rest) {
        auto caught_up = stage.watch.wait_until_caught_up(id, catch_up_limit);
        if (!caught_up) return caught_up;
    }
    stage.progress.tick();
    return {};
}

Result<double> kill_leader_once(Stage& stage, std::string& said) {
    const auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    const Instant killed = steady_clock::now();
    stage.cluster.kill(*leader);
    std::string key;
    auto served = time_until_served(stage, *leader, killed, key);
    if (!served) return served;
    said =
        fmt::format("node {} killed, a write is served {:.0f} ms later", leader->value(), *served);
    if (auto started = stage.cluster.start(*leader); !started) return started.error();
    auto back = stage.watch.wait_until_caught_up(*leader, catch_up_limit);
    if (!back) return back.error();
    return served;
}

// A paused leader does not know that it was replaced. A read that waits for it in its socket when
// it wakes up must not be answered from what it held before.
Result<double> pause_leader_once(Stage& stage, std::string& said) {
    const auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    const Instant paused = steady_clock::now();
    stage.cluster.pause(*leader);
    std::string key;
    auto served = time_until_served(stage, *leader, paused, key);
    if (!served) return served;
    said =
        fmt::format("node {} paused, a write is served {:.0f} ms later", leader->value(), *served);
    RecordingClient reader(stage.cluster.config(), stage.next_client());
    if (auto sent = reader.send_getm(*leader, key); !sent) return sent.error();
    stage.cluster.resume(*leader);
    auto read = reader.receive_getm();
    stage.collect(reader.history());
    if (!read) return read.error();
    auto back = stage.watch.wait_until_caught_up(*leader, catch_up_limit);
    if (!back) return back.error();
    return served;
}

using Round = Result<double> (*)(Stage& stage, std::string& said);

Result<std::vector<double>> repeat(Stage& stage, Round round) {
    std::vector<double> samples;
    for (std::uint32_t i = 1; i <= stage.settings.rounds; ++i) {
        std::string said;
        const auto sample = round(stage, said);
        if (!said.empty()) {
            stage.progress.live(fmt::format("{}/{} {}", i, stage.settings.rounds, said));
        }
        if (!sample) return sample.error();
        samples.push_back(*sample);
        stage.progress.tick();
    }
    return samples;
}

Result<void> lose_leaders(Stage& stage) {
    stage.progress.step(fmt::format("the leader is killed, {} times", stage.settings.rounds));
    auto kills = repeat(stage, kill_leader_once);
    if (!kills) return kills.error();
    add_distribution(stage.figures, "kill", "leader killed: time until a write is served",
                     std::move(kills).value());

    stage.progress.step(fmt::format("the leader is paused, {} times", stage.settings.rounds));
    auto pauses = repeat(stage, pause_leader_once);
    if (!pauses) return pauses.error();
    add_distribution(stage.figures, "pause", "leader paused: time until a write is served",
                     std::move(pauses).value());
    return {};
}

// An Error when the nodes that are left serve anything at all.
Result<void> must_not_serve(Stage& stage, RecordingClient& client, const std::string& old_key) {
    const auto written = client.set(fmt::format("minority{}", stage.below(1'000'000'000)), 0, 32);
    if (!written) return written.error();
    const auto read = client.get(old_key);
    if (!read) return read.error();
    const bool wrote = written->outcome == Outcome::ok || written->outcome == Outcome::conflict;
    const bool was_read = read->outcome == Outcome::ok || read->outcome == Outcome::absent;
    if (!wrote && !was_read) return {};
    return Error{ErrorKind::failed,
                 fmt::format("{} of {} nodes served a {}: node {} answered without a majority",
                             stage.cluster.running().size(), stage.settings.nodes,
                             wrote ? "write" : "read", client.answered_by()->value())};
}

Result<void> must_not_lead(const Stage& stage, const Statuses& statuses) {
    for (const auto& [id, status] : statuses) {
        if (status.role != cli::NodeRole::leader) continue;
        return Error{ErrorKind::failed,
                     fmt::format("node {} leads in term {}, with {} of {} nodes", id.value(),
                                 status.term.value(), statuses.size(), stage.settings.nodes)};
    }
    return {};
}

Result<void> watch_minority(Stage& stage, RecordingClient& client) {
    const std::string old_key = stage.history.front().key;
    if (auto idle = must_not_serve(stage, client, old_key); !idle) return idle;
    auto leaderless = stage.watch.wait_until(
        "those that are left give leadership up", leader_limit,
        [&](const Statuses& statuses) { return must_not_lead(stage, statuses).ok(); });
    if (!leaderless) return leaderless;
    const auto deadline = steady_clock::now() + watch_minority_for;
    while (steady_clock::now() < deadline) {
        if (auto none = must_not_lead(stage, stage.watch.look()); !none) return none;
        if (auto idle = must_not_serve(stage, client, old_key); !idle) return idle;
        if (auto fine = stage.watch.check(); !fine) return fine;
    }
    return {};
}

Result<void> fall_below_majority(Stage& stage) {
    std::vector<NodeId> nodes = stage.cluster.all();
    std::shuffle(nodes.begin(), nodes.end(), stage.random);
    const std::vector<NodeId> lost(nodes.begin() + majority(stage) - 1, nodes.end());
    stage.progress.step(fmt::format("{} of {} nodes elect nobody and serve nothing",
                                    majority(stage) - 1, nodes.size()));
    for (NodeId id : lost) stage.cluster.kill(id);
    RecordingClient client(stage.cluster.config(), stage.next_client({}, minority_timeout));
    auto watched = watch_minority(stage, client);
    stage.collect(client.history());
    if (!watched) return watched;
    stage.progress.tick();

    stage.progress.step("the others return, and nothing is lost");
    if (auto started = start_nodes(stage, lost); !started) return started;
    auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    if (auto served = serve_a_write(stage); !served) return served;
    if (auto read = read_everything(stage); !read) return read;
    return judge_history(stage);
}

}  // namespace

std::size_t election_ticks(const Settings& settings) {
    return 2 * settings.rounds + 4;
}

Result<void> run_election(Stage& stage) {
    if (auto started = start_majority_then_all(stage); !started) return started;
    if (auto survived = lose_leaders(stage); !survived) return survived;
    if (auto held = fall_below_majority(stage); !held) return held;
    stage.figures.push_back({"terms", "terms with a leader, one in each",
                             static_cast<double>(stage.watch.terms_led()), ""});
    return {};
}

}  // namespace raftkv::test
