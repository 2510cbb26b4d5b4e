#include "tests/benchmark/rivals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <random>
#include <system_error>

#include "cli/admin/admin_client.hpp"
#include "tests/benchmark/find_leader.hpp"
#include "tests/benchmark/wait.hpp"

namespace raftkv::benchmark {

namespace fs = std::filesystem;
using std::chrono::seconds;

namespace {

constexpr std::uint32_t node_count = 3;

Result<std::vector<cli::NodeStatus>> statuses(const ClusterConfig& config) {
    std::vector<cli::NodeStatus> all;
    for (const ServerConfig& server : config.servers) {
        Result<cli::NodeStatus> status =
            cli::fetch_status(server.admin_host, server.admin_port, seconds(2));
        if (!status) {
            return status.error();
        }
        all.push_back(std::move(*status));
    }
    return all;
}

bool all_idle_and_equal(const std::vector<cli::NodeStatus>& all) {
    return std::all_of(all.begin(), all.end(), [&](const cli::NodeStatus& status) {
        return status.applied == all.front().last_index && status.pending.writes == 0;
    });
}

}  // namespace

Result<Rivals::Folder> Rivals::Folder::create(const fs::path& path) {
    std::error_code error;
    fs::remove_all(path, error);
    fs::create_directories(path / "raftkv", error);
    fs::create_directories(path / "redis", error);
    if (error) {
        return Error{ErrorKind::io,
                     fmt::format("cannot make {}: {}", path.string(), error.message())};
    }
    return Folder(path);
}

Rivals::Folder::~Folder() {
    std::error_code ignored;
    if (!path_.empty()) {
        fs::remove_all(path_, ignored);
    }
}

Result<Rivals> Rivals::start(const Plan& plan, const std::string& name) {
    Result<Folder> folder = Folder::create(plan.folder / name);
    if (!folder) {
        return folder.error();
    }
    std::random_device random;
    Result<test::PortBlock> ports = test::PortBlock::reserve(random());
    if (!ports) {
        return ports.error();
    }
    Result<Redis> redis = Redis::start(folder->path() / "redis", ports->port(0));
    if (!redis) {
        return redis.error();
    }
    Result<test::LocalCluster> cluster =
        test::LocalCluster::create({folder->path() / "raftkv", plan.raftkv, node_count, random()});
    if (!cluster) {
        return cluster.error();
    }
    for (NodeId id : cluster->all()) {
        if (auto started = cluster->start(id); !started) {
            return started.error();
        }
    }
    if (auto leader = find_leader(cluster->config()); !leader) {
        return leader.error();
    }
    return Rivals(std::move(*folder), std::move(*cluster), std::move(*ports), std::move(*redis));
}

Result<LoadResult> Rivals::load_raftkv(LoadOptions options) {
    Result<ServerConfig> leader = find_leader(cluster_.config());
    if (!leader) {
        return leader.error();
    }
    options.host = leader->host;
    options.port = leader->client_port;
    options.dialect = raftkv_dialect_.get();
    return run_load(options);
}

Result<LoadResult> Rivals::load_redis(LoadOptions options) {
    options.port = redis_.port();
    options.dialect = resp_dialect_.get();
    return run_load(options);
}

Result<std::vector<Rivals::NodeMemory>> Rivals::raftkv_memory() {
    Result<std::vector<cli::NodeStatus>> all = Error{ErrorKind::unavailable, "not asked yet"};
    bool equal = wait_until(seconds(30), [&] {
        all = statuses(cluster_.config());
        return all && all_idle_and_equal(*all);
    });
    if (!equal) {
        return all ? Error{ErrorKind::failed, "the nodes did not become equal"} : all.error();
    }
    std::vector<NodeMemory> memory;
    for (const cli::NodeStatus& status : *all) {
        memory.push_back({static_cast<double>(status.memory_bytes),
                          static_cast<double>(status.log_cache_bytes)});
    }
    return memory;
}

Result<double> Rivals::redis_memory() {
    std::ifstream file(fmt::format("/proc/{}/status", redis_.pid()));
    std::string word;
    while (file >> word) {
        double kilobytes = 0;
        if (word == "VmRSS:" && file >> kilobytes) {
            return kilobytes * 1024;
        }
    }
    return Error{ErrorKind::failed, "cannot tell the memory of Redis"};
}

}  // namespace raftkv::benchmark
