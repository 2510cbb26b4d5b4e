#include <fmt/format.h>

#include <algorithm>

#include "cli/test/scenarios/scenario.hpp"
#include "cli/test/scenarios/steady_writer.hpp"

namespace raftkv::test {
namespace {

using std::chrono::steady_clock;

constexpr std::uint32_t overwriter_count = 8;
constexpr std::size_t snapshot_value_bytes = 16u << 10;
constexpr std::size_t live_bytes = overwriter_count * SteadyWriter::keys * snapshot_value_bytes;
constexpr std::uint32_t turns_a_batch = 40;
constexpr std::uint32_t batches_at_least = 9;
// Beside the keys: the 16 MiB of log that are in memory stay on disk for those who are behind a
// little; and segments of 4 MiB, one ahead, one that is written, and those that wait for a
// snapshot.
constexpr std::uint64_t disk_limit = 3 * live_bytes + (36u << 20);

double mib(std::uint64_t bytes) {
    return static_cast<double>(bytes) / (1 << 20);
}

// The same keys each time.
Result<void> overwrite(Stage& stage) {
    return run_clients(stage, overwriter_count,
                       [](RecordingClient& client, std::uint32_t number) -> Result<void> {
                           SteadyWriter writer(client, number, snapshot_value_bytes);
                           for (std::uint32_t turn = 0; turn < turns_a_batch; ++turn) {
                               if (auto done = writer.turn(); !done) return done;
                           }
                           return {};
                       });
}

Result<void> look_at_disks(Stage& stage, std::uint64_t& largest) {
    for (NodeId id : stage.cluster.running()) {
        const std::uint64_t bytes = stage.cluster.disk_bytes(id);
        largest = std::max(largest, bytes);
        if (bytes <= disk_limit) continue;
        return Error{ErrorKind::failed,
                     fmt::format("the folder of node {} takes {:.1f} MiB, for {:.1f} MiB of keys "
                                 "and values that may take {:.1f} MiB",
                                 id.value(), mib(bytes), mib(live_bytes), mib(disk_limit))};
    }
    return {};
}

Result<void> overwrite_again_and_again(Stage& stage) {
    stage.progress.step("the same keys are overwritten, and all nodes take snapshots");
    std::uint64_t largest = 0;
    for (std::uint32_t i = 0; i < stage.settings.rounds + batches_at_least; ++i) {
        if (auto written = overwrite(stage); !written) return written;
        if (auto small = look_at_disks(stage, largest); !small) return small;
        stage.progress.tick();
    }
    auto taken =
        stage.watch.wait_until("every node has a snapshot", catch_up_limit, [](const auto& nodes) {
            return std::all_of(nodes.begin(), nodes.end(), [](const auto& node) {
                return node.second.snapshot.index > LogIndex(0);
            });
        });
    stage.figures.push_back({"live_mib", "keys and values", mib(live_bytes), "MiB"});
    stage.figures.push_back({"disk_mib", "largest folder of a node", mib(largest), "MiB"});
    return taken;
}

// Kills a follower and writes until nobody's log has what it needs next.
Result<NodeId> leave_one_behind(Stage& stage) {
    const auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader;
    std::vector<NodeId> others = stage.cluster.all();
    std::erase(others, *leader);
    const NodeId absent = others[stage.below(others.size())];
    stage.progress.step(
        fmt::format("node {} is away for longer than the logs reach back", absent.value()));
    const Statuses before = stage.watch.look();
    const auto last = before.find(absent);
    if (last == before.end())
        return Error{ErrorKind::failed, fmt::format("node {} does not answer", absent.value())};
    stage.cluster.kill(absent);
    const auto deadline = steady_clock::now() + catch_up_limit;
    for (;;) {
        if (auto written = overwrite(stage); !written) return written.error();
        const Statuses now = stage.watch.look();
        if (std::all_of(now.begin(), now.end(), [&](const auto& node) {
                return node.second.first_index > last->second.last_index + 1;
            }))
            break;
        if (steady_clock::now() >= deadline)
            return Error{ErrorKind::failed, "the logs of the nodes do not become shorter"};
    }
    stage.progress.tick();
    return absent;
}

Result<void> send_one(Stage& stage, NodeId absent) {
    stage.progress.step(fmt::format("node {} is sent a snapshot", absent.value()));
    const Instant began = steady_clock::now();
    if (auto started = stage.cluster.start(absent); !started) return started;
    if (auto in = stage.watch.wait_until_caught_up(absent, catch_up_limit); !in) return in;
    const Instant end = steady_clock::now();
    stage.figures.push_back({"absent_node_ms", "absent node: has everything after",
                             milliseconds_between(began, end), "ms"});
    const Statuses now = stage.watch.look();
    const auto found = now.find(absent);
    if (found == now.end() || found->second.snapshot.installed == 0)
        return Error{ErrorKind::failed,
                     fmt::format("node {} has everything, and no snapshot", absent.value())};
    stage.figures.push_back(
        {"snapshot_mib", "snapshot that it was sent", mib(found->second.snapshot.bytes), "MiB"});
    stage.progress.tick();
    return {};
}

Result<void> start_all_again(Stage& stage) {
    stage.progress.step("all nodes are killed at once and start from their snapshots");
    stage.cluster.kill_all();
    const Instant began = steady_clock::now();
    if (auto started = start_nodes(stage, stage.cluster.all()); !started) return started;
    RecordingClient client(stage.cluster.config(), stage.next_client());
    const auto written = write_until_acknowledged(stage, client);
    const Instant end = steady_clock::now();
    stage.collect(client.history());
    if (!written) return written.error();
    stage.figures.push_back({"restart_ms", "all nodes restarted: a write is served after",
                             milliseconds_between(began, end), "ms"});
    stage.progress.tick();
    return {};
}

}  // namespace

std::size_t snapshot_ticks(const Settings& settings) {
    return settings.rounds + batches_at_least + 4;
}

Result<void> run_snapshot(Stage& stage) {
    if (auto started = start_nodes(stage, stage.cluster.all()); !started) return started;
    if (auto leader = stage.watch.wait_for_leader(leader_limit); !leader) return leader.error();
    if (auto written = overwrite_again_and_again(stage); !written) return written;
    const auto absent = leave_one_behind(stage);
    if (!absent) return absent.error();
    if (auto sent = send_one(stage, *absent); !sent) return sent;
    if (auto started = start_all_again(stage); !started) return started;

    stage.progress.step("every reply is explained, and all replicas are equal");
    if (auto read = read_everything(stage); !read) return read;
    if (auto same = compare_states(stage); !same) return same;
    stage.figures.push_back(
        {"operations", "operations judged", static_cast<double>(stage.history.size()), ""});
    stage.progress.tick();
    return {};
}

}  // namespace raftkv::test
