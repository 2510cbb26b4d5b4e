#include "tests/benchmark/snapshot_stand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>
#include <utility>

#include "cli/admin/admin_client.hpp"
#include "node/kv/snapshot.hpp"
#include "tests/benchmark/wait.hpp"

namespace raftkv::benchmark {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Asks all nodes again and again, on a thread of its own, for as long as it lives.
class Lookout {
  public:
    Lookout(const test::LocalCluster& cluster, Seen& seen) : cluster_(cluster), seen_(seen) {
        thread_ = std::thread([this] {
            while (!stop_) {
                for (const ServerConfig& server : cluster_.config().servers) look_at(server);
                wait_until(milliseconds(30), [this] { return stop_.load(); });
            }
        });
    }
    Lookout(const Lookout&) = delete;
    Lookout& operator=(const Lookout&) = delete;
    ~Lookout() {
        stop_ = true;
        thread_.join();
    }

  private:
    struct Last {
        Clock::time_point at;
        bool taking = false;
        LogIndex snapshot;
    };

    void look_at(const ServerConfig& server) {
        auto status = cli::fetch_status(server.admin_host, server.admin_port, seconds(2));
        if (!status) return;
        const Last now{Clock::now(), status->snapshot.taking.has_value(), status->snapshot.index};
        const auto [found, first] = last_.try_emplace(server.id, now);
        // One that begins and ends between two looks is seen by its index.
        const bool another = now.snapshot != found->second.snapshot;
        if (now.taking || found->second.taking || another)
            seen_.taking.push_back({found->second.at, now.at});
        if (!first && another) ++seen_.snapshots;
        found->second = now;
        auto& memory = now.taking ? seen_.largest_memory_taking : seen_.largest_memory;
        memory = std::max(memory, status->memory_bytes);
        seen_.largest_disk = std::max(seen_.largest_disk, cluster_.disk_bytes(server.id));
    }

    const test::LocalCluster& cluster_;
    Seen& seen_;
    std::map<NodeId, Last> last_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace

Result<SnapshotStand> SnapshotStand::start(const Setup& setup, const test::Interrupt& interrupt) {
    auto cluster = bench::Cluster::reach({.addresses = {},
                                          .nodes = 3,
                                          .folder = setup.folder,
                                          .node_program = setup.raftkv,
                                          .snapshot_log_mib = setup.snapshot_log_mib},
                                         interrupt);
    if (!cluster) return cluster.error();
    return SnapshotStand(setup, std::move(*cluster), interrupt);
}

std::size_t SnapshotStand::live_bytes() const {
    return space_.keys * (bench::KeySpace::key_bytes + value_bytes_ + kv::snapshot::item_bytes);
}

Result<bench::LoadResult> SnapshotStand::overwrite(bench::LoadOptions options, Seen& seen) {
    options.op = space_.first_new == 0 ? bench::Op::set : bench::Op::cas;
    options.value_bytes = value_bytes_;
    options.keep_samples = true;
    options.cancel_fd = interrupt_.descriptor();
    Lookout lookout(cluster_.own(), seen);
    auto result = cluster_.run(options, space_, interrupt_);
    if (result && result->interrupted) return Error{ErrorKind::interrupted, "interrupted"};
    if (result && result->errors() > 0)
        return Error{ErrorKind::failed, fmt::format("{} of {} writes failed", result->errors(),
                                                    result->errors() + result->answered())};
    return result;
}

}  // namespace raftkv::benchmark
