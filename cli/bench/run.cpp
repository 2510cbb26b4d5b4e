#include "cli/bench/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "common/check.hpp"

namespace raftkv::bench {
namespace {

constexpr std::size_t write_pipeline = 16;

bool needs_versions(Op op) {
    return op == Op::cas || op == Op::mixed;
}

std::string progress_text(const Settings& settings, const Window& window, double window_s) {
    return fmt::format("{:.1f} of {:g} s: {}/s, p99 {}{}", window.from_s + window_s,
                       settings.seconds, grouped(static_cast<double>(window.operations) / window_s),
                       duration_text(window.p99_ns),
                       window.errors > 0 ? fmt::format(", {} errors", window.errors) : "");
}

std::string left_behind(const Settings& settings, const KeySpace& space) {
    if (settings.addresses.empty()) return {};
    return fmt::format("{} keys that begin with {} are left in the cluster",
                       grouped(static_cast<double>(space.first_new)), space.prefix);
}

}  // namespace

KeySpace new_key_space(const Settings& settings) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::random_device random;
    KeySpace space;
    space.prefix = "b";
    while (space.prefix.size() < KeySpace::prefix_bytes) {
        space.prefix += letters[random() % letters.size()];
    }
    space.keys = settings.keys;
    space.distribution = settings.distribution;
    if (needs_versions(settings.op)) space.versions.resize(settings.keys);
    return space;
}

Result<void> write_keys(const LoadOptions& load, KeySpace& space) {
    RAFTKV_CHECK(space.first_new == 0);
    if (space.keys == 0) return {};
    LoadOptions writes = load;
    writes.op = Op::set;
    writes.rate = 0;
    writes.requests = space.keys;
    const std::size_t in_flight_bytes = load.clients * load.pipeline * load.value_bytes;
    if (in_flight_bytes < (1u << 20)) {
        writes.pipeline = std::max(load.pipeline, write_pipeline);
    }
    const auto written = run_load(writes, space);
    if (!written) return written.error();
    if (written->interrupted) return Error{ErrorKind::interrupted, "interrupted"};
    if (written->errors() == 0) return {};
    return Error{ErrorKind::failed,
                 fmt::format("{} of the {} keys that the load needs could not be written",
                             written->errors(), space.keys)};
}

Result<Report> run_bench(const Settings& settings, const test::Interrupt& interrupt,
                         const Say& say) {
    auto cluster = Cluster::reach(
        {.addresses = settings.addresses, .nodes = settings.nodes, .folder = settings.folder},
        interrupt);
    if (!cluster) return cluster.error();
    Report report = begin_report(settings, cluster->name());
    if (cluster->folder()) report.hint = hint_about(*cluster->folder());
    LoadOptions load = cluster->aimed(load_of(settings));
    load.cancel_fd = interrupt.descriptor();
    KeySpace space = new_key_space(settings);
    if (settings.keys > 0) say(fmt::format("writing {} keys", settings.keys));
    if (auto written = write_keys(load, space); !written) return written.error();

    const auto interval =
        std::chrono::milliseconds(static_cast<std::int64_t>(settings.seconds * 1000 / 10));
    NodeWatch watch(cluster->nodes(), std::clamp(interval, std::chrono::milliseconds(50),
                                                 std::chrono::milliseconds(1'000)));
    load.on_window = [&](const Window& window) {
        say(progress_text(settings, window, load.window_seconds));
    };
    auto result = run_load(load, space);
    if (auto alive = cluster->check_alive(); !alive) return alive.error();
    if (!result) return result.error();
    report.nodes = watch.use(result->from, result->to);
    report.load = std::move(*result);
    report.left_behind = left_behind(settings, space);
    return report;
}

}  // namespace raftkv::bench
