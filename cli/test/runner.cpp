#include "cli/test/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "cli/test/history/history_file.hpp"
#include "cli/test/history/operation_text.hpp"
#include "cli/test/scenarios/scenario.hpp"
#include "cli/test/work_folder.hpp"

namespace raftkv::test {
namespace {

const Scenario& find(const std::string& name) {
    const auto found = std::find_if(scenarios().begin(), scenarios().end(),
                                    [&](const Scenario& s) { return s.name == name; });
    RAFTKV_CHECK(found != scenarios().end());
    return *found;
}

// For whoever looks into a failure: what all clients did, in the order in which it began.
Result<void> write_text(const History& history, const std::filesystem::path& file) {
    std::vector<const Operation*> order;
    for (const Operation& op : history) order.push_back(&op);
    std::sort(order.begin(), order.end(),
              [](const auto* a, const auto* b) { return a->start < b->start; });
    std::ofstream out(file);
    for (const Operation* op : order) out << line_of(*op, order.front()->start) << '\n';
    out.close();
    if (out) return {};
    return Error{ErrorKind::io, fmt::format("writing {}: {}", file.string(), std::strerror(errno))};
}

// Once for people, once for `raftkv test check`.
Result<void> write_history(const History& history, const std::filesystem::path& folder) {
    if (history.empty()) return {};
    if (auto written = write_text(history, folder / "history.txt"); !written) return written;
    return write_history_file(folder / "history.jsonl", history);
}

Result<void> play(const Scenario& scenario, const Settings& settings, Progress& progress,
                  const Interrupt& interrupt, const std::filesystem::path& folder,
                  std::vector<Figure>& figures) {
    std::mt19937_64 random(settings.seed);
    LocalCluster::Setup setup{folder, settings.node_program, settings.nodes,
                              std::random_device()()};
    setup.spares = scenario.spares;
    if (scenario.many_snapshots) {
        setup.segment_mib = 4;
        setup.snapshot_log_mib = 1;
    }
    auto cluster = LocalCluster::create(setup);
    if (!cluster) return cluster.error();
    ClusterWatch watch(*cluster, interrupt);
    Stage stage{settings, interrupt, progress, *cluster, watch, random, {}, {}, 0};
    auto played = scenario.run(stage);
    figures = std::move(stage.figures);
    if (played && !settings.keep) return played;
    const auto written = write_history(stage.history, folder);
    return played ? written : played;
}

ScenarioReport run_one(const Scenario& scenario, const Settings& settings, Progress& progress,
                       const Interrupt& interrupt) {
    const auto began = std::chrono::steady_clock::now();
    ScenarioReport report;
    report.name = scenario.name;
    auto folder = WorkFolder::create();
    if (!folder) {
        report.failure = folder.error();
        return report;
    }
    progress.begin(scenario.name, fmt::format("{} nodes, seed {}", settings.nodes, settings.seed),
                   scenario.ticks(settings));
    const auto played =
        play(scenario, settings, progress, interrupt, folder->path(), report.figures);
    progress.end(played.ok());
    // Whatever an interruption broke off first, it is what ended the scenario.
    if (!played) report.failure = played.error();
    if (!played && interrupt.requested()) {
        report.failure = Error{ErrorKind::interrupted, "interrupted"};
    }
    const bool failed = report.failure && report.failure->kind != ErrorKind::interrupted;
    if (failed || settings.keep) {
        folder->keep();
        report.folder = folder->path().string();
    }
    report.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return report;
}

}  // namespace

Report run_scenarios(const Settings& settings, Progress& progress, const Interrupt& interrupt) {
    Report report;
    report.seed = settings.seed;
    report.nodes = settings.nodes;
    for (const std::string& name : settings.scenarios) {
        report.scenarios.push_back(run_one(find(name), settings, progress, interrupt));
        if (interrupt.requested()) break;
    }
    return report;
}

}  // namespace raftkv::test
