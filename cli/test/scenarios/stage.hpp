#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "cli/test/client_crew.hpp"
#include "cli/test/cluster_watch.hpp"
#include "cli/test/history/history.hpp"
#include "cli/test/interrupt.hpp"
#include "cli/test/local_cluster.hpp"
#include "cli/test/progress.hpp"
#include "cli/test/recording_client.hpp"
#include "cli/test/report.hpp"
#include "cli/test/settings.hpp"

namespace raftkv::test {

// A cluster that takes longer to have a leader is broken, whatever the machine.
constexpr std::chrono::milliseconds leader_limit{10'000};
constexpr std::chrono::milliseconds catch_up_limit{30'000};

// What a scenario plays on, and what it leaves behind: its history and its figures.
struct Stage {
    const Settings& settings;
    const Interrupt& interrupt;
    Progress& progress;
    LocalCluster& cluster;
    ClusterWatch& watch;
    std::mt19937_64 random;
    History history;
    std::vector<Figure> figures;
    std::uint32_t clients_made = 0;

    // 0 <= result < limit
    std::uint64_t below(std::uint64_t limit) { return random() % limit; }

    // A client of its own number, whose calls take `timeout` at most.
    RecordingClient::Setup next_client(std::optional<NodeId> avoid = std::nullopt,
                                       std::chrono::milliseconds timeout = leader_limit);
    std::vector<RecordingClient::Setup> next_clients(std::uint32_t count);
    void collect(const History& more);
};

Result<void> start_nodes(Stage& stage, const std::vector<NodeId>& nodes);

// Runs `work` with a client for each of `count` threads, until all have returned, and collects
// what they did. Meanwhile the cluster is watched: an Error of its own comes first.
Result<void> run_clients(Stage& stage, std::uint32_t count, const Work& work);

// The clients of the settings work until `action` has returned and `stop` is set for them, and what
// they did is collected. The Error of the action comes first, then one of the cluster.
Result<void> while_clients_work(Stage& stage, const Work& work, std::atomic<bool>& stop,
                                const std::function<Result<void>()>& action);
// The same; they write on keys of their own as fast as they are answered.
Result<void> while_clients_write(Stage& stage, const std::function<Result<void>()>& action);

// Writes new keys until a write is acknowledged; gives its key. An Error after `leader_limit`.
Result<std::string> write_until_acknowledged(Stage& stage, RecordingClient& client);

// Reads every key of the history, by several clients at a time.
Result<void> read_everything(Stage& stage);

// An Error when the history holds what no correct store could have answered, of kind undecided
// when that could not be found out.
Result<void> judge_history(Stage& stage);

// Waits until all running nodes are level, and compares what they have applied, key by key, among
// themselves and, as reads that are added to it, with the history. An Error names the first
// difference.
Result<void> compare_states(Stage& stage);

// "node 1, node 2"
std::string names_of(const std::vector<NodeId>& nodes);

double milliseconds_between(Instant from, Instant to);

// From each instant until the first acknowledged write that was sent after it.
std::vector<double> times_until_served(const History& history, const std::vector<Instant>& since);

}  // namespace raftkv::test
