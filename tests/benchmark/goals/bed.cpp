#include "tests/benchmark/goals/bed.hpp"

#include <fmt/format.h>

#include "cli/bench/report.hpp"

namespace raftkv::benchmark {

using bench::Cluster;
using bench::KeySpace;
using bench::LoadOptions;
using bench::LoadResult;

Result<Cluster> Bed::start(std::uint32_t nodes,
                           std::optional<std::uint32_t> snapshot_log_mib) const {
    say(fmt::format("starting {} nodes", nodes));
    return Cluster::reach({.addresses = {},
                           .nodes = nodes,
                           .folder = settings.folder,
                           .node_program = settings.raftkv,
                           .snapshot_log_mib = snapshot_log_mib},
                          interrupt);
}

LoadOptions Bed::load(bench::Op op, std::size_t clients, std::size_t pipeline) const {
    LoadOptions load;
    load.op = op;
    load.clients = clients;
    load.pipeline = pipeline;
    load.seconds = settings.seconds;
    load.warmup_seconds = 0.3;
    load.cancel_fd = interrupt.descriptor();
    return load;
}

LoadOptions Bed::told(LoadOptions load, const std::string& what) const {
    say(what);
    load.on_window = [this, what, seconds = load.window_seconds](const bench::Window& window) {
        say(fmt::format("{}: {}/s, p99 {}", what,
                        bench::grouped(static_cast<double>(window.operations) / seconds),
                        bench::duration_text(window.p99_ns)));
    };
    return load;
}

Result<LoadResult> Bed::run(Cluster& cluster, const LoadOptions& load, KeySpace& space,
                            const std::string& what) const {
    auto result = cluster.run(told(load, what), space, interrupt);
    if (!result) return result.error();
    if (result->interrupted) return Error{ErrorKind::interrupted, "interrupted"};
    if (result->errors() > 0)
        return Error{ErrorKind::failed,
                     fmt::format("{}: {} of {} operations failed", what, result->errors(),
                                 result->errors() + result->answered())};
    if (result->answered() == 0)
        return Error{ErrorKind::failed, what + ": nothing was answered: it takes more --seconds"};
    return result;
}

Result<double> Bed::rate_of_sets(Cluster& cluster, const LoadOptions& load,
                                 const std::string& what) const {
    KeySpace fresh = bench::new_key_space({});
    const auto result = run(cluster, load, fresh, what);
    if (!result) return result.error();
    return result->per_second;
}

Result<KeySpace> Bed::write_keys(Cluster& cluster, std::uint64_t keys, std::size_t value_bytes,
                                 const std::string& what) const {
    bench::Settings replaced;
    replaced.op = bench::Op::cas;  // which needs to know their versions
    replaced.keys = keys;
    KeySpace space = bench::new_key_space(replaced);
    LoadOptions writes = cluster.aimed(load(bench::Op::set, 64, 16));
    writes.value_bytes = value_bytes;
    std::uint64_t written = 0;
    writes.on_window = [&](const bench::Window& window) {
        written += window.operations;
        say(fmt::format("{}: {} of {} keys are written", what,
                        bench::grouped(static_cast<double>(written)),
                        bench::grouped(static_cast<double>(keys))));
    };
    if (auto done = bench::write_keys(writes, space); !done) return done.error();
    return space;
}

Result<std::vector<double>> ratios_in_turn(const Bed& bed, const std::string& what,
                                           const Measure& one, const Measure& other) {
    std::vector<double> ratios;
    for (std::size_t round = 0; round < bed.settings.rounds; ++round) {
        const std::string which =
            fmt::format("{}, round {} of {}", what, round + 1, bed.settings.rounds);
        const bool one_begins = round % 2 == 0;
        const auto first = (one_begins ? one : other)(which);
        if (!first) return first.error();
        const auto second = (one_begins ? other : one)(which);
        if (!second) return second.error();
        ratios.push_back(one_begins ? *first / *second : *second / *first);
    }
    return ratios;
}

}  // namespace raftkv::benchmark
