// raftkv-snapshot-bench: what snapshots cost three nodes, against the bounds that are promised.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include "cli/bench/median.hpp"
#include "cli/test/interrupt.hpp"
#include "tests/benchmark/restart.hpp"
#include "tests/benchmark/snapshot_stand.hpp"

namespace {

using namespace raftkv;
using namespace raftkv::benchmark;
using bench::LoadOptions;
using bench::LoadResult;
using bench::median;

struct Arguments {
    std::filesystem::path raftkv, folder;
    std::size_t keys = 1'000'000;
    std::size_t value_bytes = 100;
    std::size_t rounds = 5;
    double seconds = 20;
    std::uint32_t snapshot_log_mib = 64;
    std::size_t overwrites = 10;
};

constexpr std::uint64_t allowed_beside = 256u << 20;

void declare(CLI::App& app, Arguments& arguments) {
    app.add_option("--raftkv", arguments.raftkv, "the program")->required();
    app.add_option("--folder", arguments.folder, "where the data goes: on the disk to be measured")
        ->required();
    app.add_option("--keys", arguments.keys)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--value-bytes", arguments.value_bytes)->capture_default_str();
    app.add_option("--rounds", arguments.rounds)->capture_default_str();
    app.add_option("--seconds", arguments.seconds, "for each turn of a round")
        ->capture_default_str();
    app.add_option("--snapshot-log-mib", arguments.snapshot_log_mib, "SnapshotLogMiB")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--overwrites", arguments.overwrites,
                   "how often all keys are overwritten to see the use of the disk")
        ->capture_default_str();
}

double mib(std::uint64_t bytes) {
    return static_cast<double>(bytes) / (1 << 20);
}

double percentile(std::vector<float>& latencies, double share) {
    if (latencies.empty()) return 0;
    const auto at = static_cast<std::ptrdiff_t>(share * double(latencies.size() - 1));
    std::nth_element(latencies.begin(), latencies.begin() + at, latencies.end());
    return static_cast<double>(latencies[static_cast<std::size_t>(at)]);
}

float us_of(const bench::Sample& sample) {
    return static_cast<float>(sample.latency_ns) / 1000;
}

// Those that were answered while a node was taking a snapshot.
std::vector<float> latencies_while_taking(const LoadResult& load, const Seen& seen) {
    std::vector<float> latencies;
    for (const bench::Sample& sample : load.samples) {
        const bool taking = std::any_of(
            seen.taking.begin(), seen.taking.end(),
            [&](const Seen::Span& span) { return span.from <= sample.at && sample.at <= span.to; });
        if (taking) latencies.push_back(us_of(sample));
    }
    return latencies;
}

// Both clusters in turns, the same load.
struct Costs {
    std::vector<double> with_p50, with_p99, without_p50, without_p99;  // of each round, us
    Seen with, without;
};

Result<void> one_turn(const Arguments& arguments, SnapshotStand& stand, bool snapshots,
                      Costs& costs) {
    LoadOptions load;
    load.seconds = arguments.seconds;
    Seen& all = snapshots ? costs.with : costs.without;
    all.taking.clear();
    auto result = stand.overwrite(load, all);
    if (!result) return result.error();
    std::vector<float> latencies;
    if (snapshots) {
        latencies = latencies_while_taking(*result, all);
    } else {
        for (const bench::Sample& sample : result->samples) latencies.push_back(us_of(sample));
    }
    const double p50 = percentile(latencies, 0.5), p99 = percentile(latencies, 0.99);
    fmt::print(stderr,
               "{} snapshots: {:.0f} writes/s, of {} samples p50 {:.0f} us, p99 {:.0f} us\n",
               snapshots ? "with" : "without", result->per_second, latencies.size(), p50, p99);
    if (latencies.empty()) return {};  // none was taken in this turn
    (snapshots ? costs.with_p50 : costs.without_p50).push_back(p50);
    (snapshots ? costs.with_p99 : costs.without_p99).push_back(p99);
    return {};
}

Result<void> fill(SnapshotStand& stand, std::size_t keys, Seen& seen) {
    LoadOptions load;
    load.pipeline = 16;
    load.requests = keys;
    auto filled = stand.overwrite(load, seen);
    return filled ? Result<void>{} : filled.error();
}

Result<Costs> measure_costs(const Arguments& arguments, SnapshotStand& with,
                            SnapshotStand& without) {
    Costs costs;
    for (std::size_t round = 0; round < arguments.rounds; ++round) {
        for (const bool first : {true, false}) {
            const bool snapshots = first == (round % 2 == 0);
            auto done = one_turn(arguments, snapshots ? with : without, snapshots, costs);
            if (!done) return done.error();
        }
    }
    if (costs.with_p99.empty())
        return Error{ErrorKind::failed, "no snapshot was taken: it takes more --seconds"};
    return costs;
}

void print_costs(const Arguments& arguments, const Costs& costs) {
    const double with = median(costs.with_p99), without = median(costs.without_p99);
    fmt::print("\n{} keys of {} bytes with {} bytes of value; medians of {} rounds of {} s\n",
               arguments.keys, bench::KeySpace::key_bytes, arguments.value_bytes, arguments.rounds,
               arguments.seconds);
    fmt::print("write, 64 connections, while a snapshot is taken: p50 {:.0f} us, p99 {:.0f} us\n",
               median(costs.with_p50), with);
    fmt::print("write, 64 connections, without snapshots:         p50 {:.0f} us, p99 {:.0f} us\n",
               median(costs.without_p50), without);
    fmt::print("p99 with / without: {:.2f} (goal: at most 2); {} snapshots taken\n", with / without,
               costs.with.snapshots);
    const double most = mib(costs.with.largest_memory_taking);
    fmt::print(
        "memory of a node: {:.0f} MiB while taking, {:.0f} MiB between, {:.0f} MiB without "
        "snapshots; while taking / between: {:.2f} (goal: at most 1.25)\n",
        most, mib(costs.with.largest_memory), mib(costs.without.largest_memory),
        most / mib(costs.with.largest_memory));
}

Result<void> measure_disk(const Arguments& arguments, SnapshotStand& stand) {
    Seen seen;
    for (std::size_t i = 0; i < arguments.overwrites; ++i) {
        if (auto filled = fill(stand, arguments.keys, seen); !filled) return filled;
        fmt::print(stderr, "overwritten {} times: largest folder so far {:.0f} MiB\n", i + 1,
                   mib(seen.largest_disk));
    }
    const std::uint64_t bound = 3 * stand.live_bytes() + allowed_beside;
    fmt::print(
        "disk of a node, {} MiB in a snapshot, overwritten {} times: at most {:.0f} MiB, bound "
        "{:.0f} MiB (3 x that + 256 MiB)\n",
        stand.live_bytes() >> 20, arguments.overwrites, mib(seen.largest_disk), mib(bound));
    return {};
}

Result<void> measure_restarts(const Arguments& arguments, SnapshotStand& stand,
                              const test::Interrupt& interrupt) {
    const auto restart = restart_all(stand.cluster(), arguments.keys, interrupt);
    if (!restart) return restart.error();
    fmt::print(
        "three nodes killed and started: a read is served after {:.0f} ms, all nodes have "
        "all keys after {:.0f} ms (goal: under 2000)\n",
        restart->served_ms, restart->ready_ms);
    const auto alone = restart_one(stand.cluster(), NodeId(0), arguments.keys);
    if (!alone) return alone.error();
    fmt::print("one node killed and started: ready {:.0f} ms after its exec (goal: under 2000)\n",
               *alone);
    return {};
}

Result<void> measure(const Arguments& arguments, const test::Interrupt& interrupt) {
    std::error_code error;
    std::filesystem::create_directories(arguments.folder, error);
    if (error)
        return Error{ErrorKind::io,
                     fmt::format("cannot make {}: {}", arguments.folder.string(), error.message())};
    SnapshotStand::Setup setup{arguments.raftkv, arguments.folder, arguments.snapshot_log_mib,
                               arguments.keys, arguments.value_bytes};
    auto with = SnapshotStand::start(setup, interrupt);
    if (!with) return with.error();
    Seen seen;
    if (auto filled = fill(*with, arguments.keys, seen); !filled) return filled;
    if (arguments.rounds > 0) {
        setup.snapshot_log_mib = never_mib;
        auto without = SnapshotStand::start(setup, interrupt);
        if (!without) return without.error();
        if (auto filled = fill(*without, arguments.keys, seen); !filled) return filled;
        auto costs = measure_costs(arguments, *with, *without);
        if (!costs) return costs.error();
        print_costs(arguments, *costs);
    }
    if (auto done = measure_disk(arguments, *with); !done) return done;
    return measure_restarts(arguments, *with, interrupt);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("What snapshots cost three nodes, against the bounds that are promised.");
    Arguments arguments;
    declare(app, arguments);
    CLI11_PARSE(app, argc, argv);
    arguments.raftkv = std::filesystem::absolute(arguments.raftkv);
    const test::Interrupt interrupt;
    const auto measured = measure(arguments, interrupt);
    if (measured) return 0;
    fmt::print(stderr, "raftkv-snapshot-bench: {}\n", measured.error().message);
    return static_cast<int>(exit_code(measured.error().kind));
}
