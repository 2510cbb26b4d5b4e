#include <fmt/format.h>

#include <chrono>
#include <cstdint>

#include "cli/admin/admin_client.hpp"
#include "cli/bench/load/descriptor_limit.hpp"
#include "cli/socket/socket.hpp"
#include "tests/benchmark/goals/rows.hpp"
#include "tests/benchmark/wait.hpp"

namespace raftkv::benchmark {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t active = 200, idle = 4'800;
// Beside the connections: files, pipes to the nodes.
constexpr std::size_t descriptors = active + idle + 100;

// To the leader, which has the active ones, too.
Result<std::vector<Descriptor>> connect_idle(const Bed& bed, const bench::Cluster& cluster) {
    const ServerConfig& leader = cluster.nodes()[cluster.leader()];
    std::vector<Descriptor> sockets;
    while (sockets.size() < idle) {
        auto socket = cli::connect_socket(leader.host, leader.client_port,
                                          steady_clock::now() + std::chrono::seconds(5),
                                          bed.interrupt.descriptor());
        if (!socket) return socket.error();
        sockets.push_back(std::move(*socket));
        bed.say(fmt::format("{} of {} idle connections", sockets.size(), idle));
    }
    // The kernel says yes before the node does, which closes those that it has no room for.
    std::uint64_t there = 0;
    const bool all = wait_until(std::chrono::seconds(10), [&] {
        const auto status =
            cli::fetch_status(leader.admin_host, leader.admin_port, std::chrono::seconds(2));
        if (status) there = status->client_connections;
        return there >= idle;
    });
    if (all) return sockets;
    return Error{ErrorKind::failed,
                 fmt::format("the leader keeps {} of {} connections", there, idle)};
}

}  // namespace

std::vector<Goal> connection_goals() {
    return {{"5,000 connections, 200 of them active: set", Bound::at_least, 0.9, "",
             "200 connections"}};
}

Result<void> measure_connections(const Bed& bed, std::vector<Line>& lines) {
    if (const std::size_t limit = bench::raise_descriptor_limit(); limit < descriptors) {
        lines[0].missing =
            fmt::format("it needs {} descriptors, and may have {}: ulimit -Hn", descriptors, limit);
        return {};
    }
    auto cluster = bed.start(3);
    if (!cluster) return cluster.error();
    const bench::LoadOptions load = bed.load(bench::Op::set, active, 1);
    auto ratios = ratios_in_turn(
        bed, "200 active connections",
        [&](const std::string& what) -> Result<double> {
            const auto sockets = connect_idle(bed, *cluster);
            if (!sockets) return sockets.error();
            return bed.rate_of_sets(*cluster, load, what + ", 4,800 idle ones beside them");
        },
        [&](const std::string& what) {
            return bed.rate_of_sets(*cluster, load, what + ", nobody else");
        });
    if (!ratios) return ratios.error();
    lines[0].samples = std::move(*ratios);
    return {};
}

}  // namespace raftkv::benchmark
