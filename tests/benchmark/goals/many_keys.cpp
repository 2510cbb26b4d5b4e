#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "cli/admin/admin_client.hpp"
#include "cli/bench/report.hpp"
#include "tests/benchmark/goals/rows.hpp"

namespace raftkv::benchmark {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::uint64_t many = 10'000'000, few = 10'000;
constexpr std::size_t small_value_bytes = 16;  // so that all of it fits
// Ten times what a snapshot of so many keys takes as a rule.
constexpr seconds snapshots_end_within{600};

struct Stand {
    bench::Cluster cluster;
    bench::KeySpace space;
    std::string name;
};

// The snapshots that so many writes lead to belong to them, not to what is measured afterwards.
Result<void> wait_for_snapshots(const Bed& bed, const Stand& stand) {
    const auto busy = [](const ServerConfig& node) {
        const auto status = cli::fetch_status(node.admin_host, node.admin_port, seconds(2));
        return !status || status->snapshot.taking;
    };
    const auto& servers = stand.cluster.nodes();
    const auto deadline = steady_clock::now() + snapshots_end_within;
    while (std::any_of(servers.begin(), servers.end(), busy)) {
        bed.say(stand.name + ": the last snapshots are taken");
        if (steady_clock::now() > deadline)
            return Error{ErrorKind::failed, "a node does not end taking a snapshot"};
        auto waited = bed.interrupt.pause_for(std::chrono::milliseconds(200));
        if (!waited) return waited;
    }
    return {};
}

Result<Stand> fill(const Bed& bed, std::uint64_t keys) {
    const std::string name = bench::grouped(static_cast<double>(keys)) + " keys";
    auto cluster = bed.start(3);
    if (!cluster) return cluster.error();
    auto space = bed.write_keys(*cluster, keys, small_value_bytes, name);
    if (!space) return space.error();
    Stand stand{std::move(*cluster), std::move(*space), name};
    if (auto ended = wait_for_snapshots(bed, stand); !ended) return ended.error();
    return stand;
}

}  // namespace

std::vector<Goal> many_key_goals() {
    return {{"10 million keys: cas, 64 connections", Bound::at_least, 0.9, "", "10,000 keys"},
            {"10 million keys: get, 64 connections", Bound::at_least, 0.9, "", "10,000 keys"}};
}

Result<void> measure_many_keys(const Bed& bed, std::vector<Line>& lines) {
    auto small = fill(bed, few);
    if (!small) return small.error();
    auto large = fill(bed, many);
    if (!large) return large.error();
    constexpr bench::Op ops[] = {bench::Op::cas, bench::Op::get};  // one a goal
    for (std::size_t i = 0; i < lines.size(); ++i) {
        bench::LoadOptions load = bed.load(ops[i], 64, 1);
        load.value_bytes = small_value_bytes;
        const auto rate_of = [&](Stand& stand, const std::string& what) -> Result<double> {
            const auto result = bed.run(stand.cluster, load, stand.space, what + ", " + stand.name);
            if (!result) return result.error();
            return result->per_second;
        };
        auto ratios = ratios_in_turn(
            bed, std::string(bench::name_of(ops[i])),
            [&](const std::string& what) { return rate_of(*large, what); },
            [&](const std::string& what) { return rate_of(*small, what); });
        if (!ratios) return ratios.error();
        lines[i].samples = std::move(*ratios);
    }
    return {};
}

}  // namespace raftkv::benchmark
