#include "tests/benchmark/restart.hpp"

#include <chrono>

#include "cli/admin/admin_client.hpp"
#include "tests/benchmark/wait.hpp"

namespace raftkv::benchmark {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr seconds starts_within{60};

double ms_since(Clock::time_point from) {
    return std::chrono::duration<double, std::milli>(Clock::now() - from).count();
}

// A node answers nobody before it has loaded what it has.
Result<void> wait_for_all_keys(const ServerConfig& node, std::uint64_t keys) {
    const bool there = wait_until(starts_within, [&] {
        const auto status = cli::fetch_status(node.admin_host, node.admin_port, seconds(2));
        return status && status->keys == keys;
    });
    if (there) return {};
    return Error{ErrorKind::failed, "a node has not all keys after a restart"};
}

Result<void> wait_for_a_read(bench::Cluster& cluster, const test::Interrupt& interrupt) {
    const auto deadline = Clock::now() + starts_within;
    for (;;) {
        auto read = cluster.find_leader(interrupt);
        const bool goes_on = !read && read.error().kind == ErrorKind::unavailable;
        if (!goes_on || Clock::now() > deadline) return read;
    }
}

}  // namespace

Result<Restart> restart_all(bench::Cluster& cluster, std::uint64_t keys,
                            const test::Interrupt& interrupt) {
    test::LocalCluster& nodes = cluster.own();
    nodes.kill_all();
    const Clock::time_point began = Clock::now();
    for (NodeId id : nodes.all())
        if (auto started = nodes.start(id); !started) return started.error();
    Restart restart;
    if (auto read = wait_for_a_read(cluster, interrupt); !read) return read.error();
    restart.served_ms = ms_since(began);
    for (const ServerConfig& node : cluster.nodes())
        if (auto there = wait_for_all_keys(node, keys); !there) return there.error();
    restart.ready_ms = ms_since(began);
    return restart;
}

Result<double> restart_one(bench::Cluster& cluster, NodeId node, std::uint64_t keys) {
    test::LocalCluster& nodes = cluster.own();
    nodes.kill(node);
    const Clock::time_point began = Clock::now();
    if (auto started = nodes.start(node); !started) return started.error();
    if (auto there = wait_for_all_keys(*nodes.config().find(node), keys); !there)
        return there.error();
    return ms_since(began);
}

}  // namespace raftkv::benchmark
