#include <fmt/format.h>

#include <algorithm>

#include "cli/test/scenarios/scenario.hpp"

namespace raftkv::test {
namespace {

using std::chrono::steady_clock;

constexpr std::uint32_t writer_count = 8;
constexpr std::uint32_t keys_each = 50;
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

// Reads a key from one node, which need not be the leader, and then from whoever leads.
Result<void> read_back(RecordingClient& client, const std::string& key, NodeId node) {
    if (auto read = client.getm_at(node, key); !read) return read.error();
    if (auto read = client.getm(key); !read) return read.error();
    return {};
}

// A key of its own for each turn: created, sometimes replaced, sometimes deleted.
Result<void> write_new_key(RecordingClient& client, const std::string& key, std::uint32_t turn,
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
    return read_back(client, key, read_at);
}

// One key for all turns, with another value in each: a node that is behind shows an old one.
Result<void> replace_key(RecordingClient& client, const std::string& key, NodeId read_at) {
    const auto old = client.getm(key);
    if (!old) return old.error();
    const auto replaced = old->outcome == Outcome::ok
                              ? client.cas(key, old->version, 0, ordinary_value)
                              : client.set(key, 0, ordinary_value);
    if (auto tried = was_tried(replaced); !tried) return tried;
    return read_back(client, key, read_at);
}

Result<void> write_batch(Stage& stage, const std::string& name) {
    const std::vector<NodeId> nodes = stage.cluster.running();
    const Work work = [&](RecordingClient& client, std::uint32_t number) -> Result<void> {
        const std::string prefix = fmt::format("{}.{}.", name, number);
        for (std::uint32_t turn = 0; turn < keys_each; ++turn) {
            const NodeId node = nodes[(number + turn) % nodes.size()];
            const std::string key = prefix + std::to_string(turn);
            if (auto done = write_new_key(client, key, turn, node); !done) return done;
            if (auto done = replace_key(client, prefix + "again", node); !done) return done;
        }
        return {};
    };
    return run_clients(stage, writer_count, work);
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
    auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader;
    std::vector<NodeId> followers = stage.cluster.running();
    followers.erase(std::find(followers.begin(), followers.end(), *leader));
    return followers[stage.below(followers.size())];
}

Result<NodeId> write_without_one(Stage& stage) {
    auto absent = some_follower(stage);
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
        fmt::format("node {}, the leader, is killed; the new one has all", leader->value()));
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
