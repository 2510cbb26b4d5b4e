#include "tests/benchmark/snapshot_stand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "cli/admin/admin_client.hpp"
#include "cli/client/connection.hpp"
#include "node/kv/snapshot.hpp"
#include "tests/benchmark/wait.hpp"

namespace raftkv::benchmark {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

double ms_since(Clock::time_point from) {
    return std::chrono::duration<double, std::milli>(Clock::now() - from).count();
}

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

// Until a leader has answered.
Result<void> wait_for_a_read(const ClusterConfig& config) {
    cli::ClusterClient client(config, seconds(60));
    protocol::Request request;
    request.key = "no-such-key";
    const auto read = client.call(request);
    return read ? Result<void>{} : read.error();
}

}  // namespace

Result<SnapshotStand> SnapshotStand::start(const fs::path& raftkv, const fs::path& folder,
                                           std::uint32_t snapshot_log_mib, std::size_t keys,
                                           std::size_t value_bytes) {
    std::error_code error;
    fs::remove_all(folder, error);
    fs::create_directories(folder, error);
    if (error)
        return Error{ErrorKind::io,
                     fmt::format("cannot make {}: {}", folder.string(), error.message())};
    test::LocalCluster::Setup setup{folder, raftkv, 3, std::random_device()()};
    setup.snapshot_log_mib = snapshot_log_mib;
    auto cluster = test::LocalCluster::create(setup);
    if (!cluster) return cluster.error();
    for (NodeId id : cluster->all())
        if (auto started = cluster->start(id); !started) return started.error();
    if (auto read = wait_for_a_read(cluster->config()); !read) return read.error();
    return SnapshotStand(folder, std::move(*cluster), keys, value_bytes);
}

std::size_t SnapshotStand::live_bytes() const {
    return space_.keys * (bench::KeySpace::key_bytes + value_bytes_ + kv::snapshot::item_bytes);
}

Result<bench::LoadResult> SnapshotStand::overwrite(bench::LoadOptions options, Seen& seen) {
    for (const ServerConfig& node : cluster_.config().servers) {
        options.servers.push_back({node.host, node.client_port, node.id});
    }
    options.dialect = &bench::raftkv_dialect();
    options.op = space_.first_new == 0 ? bench::Op::set : bench::Op::cas;
    options.value_bytes = value_bytes_;
    options.keep_samples = true;
    Lookout lookout(cluster_, seen);
    auto result = bench::run_load(options, space_);
    if (result && result->errors() > 0)
        return Error{ErrorKind::failed, fmt::format("{} of {} writes failed", result->errors(),
                                                    result->errors() + result->answered())};
    return result;
}

Result<SnapshotStand::Restart> SnapshotStand::restart() {
    cluster_.kill_all();
    const Clock::time_point began = Clock::now();
    for (NodeId id : cluster_.all())
        if (auto started = cluster_.start(id); !started) return started.error();
    Restart restart;
    if (auto read = wait_for_a_read(cluster_.config()); !read) return read.error();
    restart.served_ms = ms_since(began);
    for (const ServerConfig& server : cluster_.config().servers) {
        if (!wait_until(seconds(60), [&] { return has_all_keys(server); }))
            return Error{ErrorKind::failed, "a node has not all keys after a restart"};
    }
    restart.ready_ms = ms_since(began);
    auto alone = restart_alone(cluster_.config().servers.front());
    if (!alone) return alone.error();
    restart.alone_ms = *alone;
    return restart;
}

bool SnapshotStand::has_all_keys(const ServerConfig& server) const {
    auto status = cli::fetch_status(server.admin_host, server.admin_port, seconds(2));
    return status && status->keys == space_.keys;
}

// A node answers nobody before it has loaded what it has.
Result<double> SnapshotStand::restart_alone(const ServerConfig& server) {
    cluster_.kill(server.id);
    const Clock::time_point began = Clock::now();
    if (auto started = cluster_.start(server.id); !started) return started.error();
    const bool ready = wait_until(seconds(60), [&] { return has_all_keys(server); });
    if (!ready) return Error{ErrorKind::failed, "a node has not all keys after a restart"};
    return ms_since(began);
}

}  // namespace raftkv::benchmark
