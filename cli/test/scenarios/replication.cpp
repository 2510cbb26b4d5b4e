#include <fmt/format.h>

#include <algorithm>

#include "cli/test/scenarios/scenario.hpp"

namespace raftkv::test {
namespace {

using std::chrono::steady_clock;

constexpr std::uint32_t writers = 8;
constexpr std::uint32_t keys_each = 60;
constexpr std::size_t ordinary_value = 2'000;
constexpr std::size_t large_value = 300'000;
constexpr std::size_t steps = 6;

// An Error when nothing came of it, for want of a leader.
Result<void> was_tried(const Result<Operation>& write) {
    if (!write) return write.error();
    if (write->outcome != Outcome::not_done) return {};
    return Error{ErrorKind::failed, fmt::format("a {} of key {} found no leader within {} s",
                                                protocol::name_of(write->op), write->key,
                                                leader_limit.count() / 1000)};
}

// One key's little story; what is written is read back at once, from a node that need not be the
// leader, and from the leader.
Result<void> write_one(RecordingClient& client, const std::string& key, std::uint32_t turn,
                       NodeId read_at) {
    const std::size_t size = turn == 0 ? large_value : ordinary_value;
    const auto made = client.set(key, 0, size);
    if (auto tried = was_tried(made); !tried) return tried;
    if (turn % 3 == 0 && made->outcome == Outcome::ok) {
        auto tried = was_tried(client.cas(key, made->version, 0, size / 2));
        if (!tried) return tried;
    }
    if (turn % 7 == 0) {
        if (auto tried = was_tried(client.del(key)); !tried) return tried;
    }
    if (auto read = client.getm_at(read_at, key); !read) return read.error();
    if (auto read = client.getm(key); !read) return read.error();
    return {};
}

Result<void> write_batch(Stage& stage, const std::string& name) {
    const std::vector<NodeId> nodes = stage.cluster.running();
    return run_clients(stage, writers,
                       [&](RecordingClient& client, std::uint32_t number) -> Result<void> {
                           for (std::uint32_t turn = 0; turn < keys_each; ++turn) {
                               const NodeId read_at = nodes[(number + turn) % nodes.size()];
                               const std::string key = fmt::format("{}.{}.{}", name, number, turn);
                               if (auto done = write_one(client, key, turn, read_at); !done)
                                   return done;
                           }
                           return {};
                       });
}

// Starts the node, waits until it has everything, and looks whether that is true.
Result<void> bring_in(Stage& stage, NodeId node, const std::string& figure,
                      const std::string& title) {
    const Instant began = steady_clock::now();
    if (auto started = stage.cluster.start(node); !started) return started;
    auto caught_up = stage.watch.wait_until_caught_up(node, catch_up_limit);
    if (!caught_up) return caught_up;
    stage.figures.push_back(
        {figure, title, milliseconds_between(began, steady_clock::now()), "ms"});
    if (auto same = compare_states(stage); !same) return same;
    stage.progress.tick();
    return {};
}

Result<void> start_without(Stage& stage, NodeId empty) {
    stage.progress.step(
        fmt::format("{} of {} nodes take writes", stage.settings.nodes - 1, stage.settings.nodes));
    for (NodeId id : stage.cluster.all()) {
        if (id == empty) continue;
        if (auto started = stage.cluster.start(id); !started) return started;
    }
    auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    if (auto written = write_batch(stage, "first"); !written) return written;
    if (auto right = judge_history(stage); !right) return right;
    stage.progress.tick();
    return {};
}

Result<NodeId> some_follower(Stage& stage) {
    const auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader;
    std::vector<NodeId> followers = stage.cluster.running();
    followers.erase(std::find(followers.begin(), followers.end(), *leader));
    return followers[stage.below(followers.size())];
}

Result<NodeId> write_without_one(Stage& stage) {
    const auto absent = some_follower(stage);
    if (!absent) return absent;
    stage.progress.step(fmt::format("node {} is away while others take writes", absent->value()));
    stage.cluster.kill(*absent);
    if (auto written = write_batch(stage, "second"); !written) return written.error();
    stage.progress.tick();
    return absent;
}

Result<void> read_from_new_leader(Stage& stage) {
    const auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    stage.progress.step(
        fmt::format("the leader, node {}, is killed after a write; the new one "
                    "has everything",
                    leader->value()));
    RecordingClient client(stage.cluster.config(), stage.next_client());
    const auto written = write_until_acknowledged(stage, client);
    if (!written) return written.error();
    stage.cluster.kill(*leader);
    const auto read = client.getm(*written);
    stage.collect(client.history());
    if (!read) return read.error();
    if (auto all = read_everything(stage); !all) return all;
    if (auto right = judge_history(stage); !right) return right;
    stage.progress.tick();
    return bring_in(stage, *leader, "killed_leader_back_ms", "killed leader: caught up after");
}

Result<void> restart_all(Stage& stage) {
    stage.progress.step("all nodes are killed at once and started again");
    const std::vector<NodeId> nodes = stage.cluster.all();
    stage.cluster.kill_all();
    if (auto started = start_nodes(stage, nodes); !started) return started;
    auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    if (auto all = read_everything(stage); !all) return all;
    if (auto right = judge_history(stage); !right) return right;
    return compare_states(stage);
}

}  // namespace

std::size_t replication_ticks(const Settings&) {
    return steps;
}

Result<void> run_replication(Stage& stage) {
    const NodeId empty = stage.cluster.all()[stage.below(stage.settings.nodes)];
    if (auto started = start_without(stage, empty); !started) return started;
    stage.progress.step(fmt::format("node {}, which is empty, gets everything", empty.value()));
    if (auto in = bring_in(stage, empty, "empty_node_ms", "empty node: has everything after");
        !in) {
        return in;
    }
    const auto absent = write_without_one(stage);
    if (!absent) return absent.error();
    stage.progress.step(fmt::format("node {} returns and gets what it missed", absent->value()));
    if (auto in = bring_in(stage, *absent, "absent_node_ms", "absent node: has everything after");
        !in) {
        return in;
    }
    if (auto read = read_from_new_leader(stage); !read) return read;
    if (auto same = restart_all(stage); !same) return same;
    stage.figures.push_back(
        {"operations", "operations judged", static_cast<double>(stage.history.size()), ""});
    return {};
}

}  // namespace raftkv::test
