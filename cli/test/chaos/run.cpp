#include "cli/test/chaos/run.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <random>

#include "cli/page/provenance.hpp"
#include "cli/test/chaos/checks.hpp"
#include "cli/test/chaos/disturbance.hpp"
#include "cli/test/chaos/page.hpp"
#include "cli/test/chaos/stand.hpp"
#include "cli/test/history/history_file.hpp"
#include "cli/test/work_folder.hpp"

namespace raftkv::chaos {
namespace {

using std::chrono::steady_clock;

constexpr Millis leader_limit{10'000};
// Small, so that one is full every now and then, and a full disk soon felt.
constexpr std::uint32_t segment_mib = 4;

std::string command_for(const Settings& settings) {
    std::vector<std::string_view> families;
    for (Family family : settings.families) families.push_back(name_of(family));
    std::string command = fmt::format(
        "raftkv test chaos --seed {} --seconds {} --nodes {} --clients {} --faults {} --every {}",
        settings.seed, settings.seconds, settings.nodes, settings.clients, fmt::join(families, ","),
        settings.every.count());
    if (!settings.own_nodes) command += " --node-program " + settings.node_program.string();
    return command;
}

std::vector<std::pair<std::string, std::string>> versions(const Settings& settings) {
    auto all = cli::provenance();
    if (!settings.own_nodes) all.emplace_back("nodes", settings.node_program.string());
    return all;
}

Report begin_report(const Settings& settings) {
    Report report;
    report.seed = settings.seed;
    report.nodes = settings.nodes;
    report.clients = settings.clients;
    report.seconds = settings.seconds;
    report.families = settings.families;
    report.command = command_for(settings);
    report.versions = versions(settings);
    report.started = fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::time(nullptr)));
    report.from = report.to = steady_clock::now();
    return report;
}

Result<void> start_nodes(Stand& stand) {
    stand.progress.step("all nodes elect a leader");
    for (NodeId node : stand.cluster.first()) {
        if (auto started = stand.cluster.start(node); !started) return started;
    }
    const auto leader = stand.watch.wait_for_leader(leader_limit);
    return leader ? Result<void>{} : leader.error();
}

// An Error is of kind interrupted.
Result<void> play(Stand& stand) {
    auto done = start_nodes(stand);
    if (done) done = disturb(stand);
    if (stand.interrupt.requested()) return Error{ErrorKind::interrupted, "interrupted"};
    return check_all(stand, done);
}

void measure_all(Report& report, const History& history) {
    report.measured = measure(history, report.from, report.to);
    for (FaultRecord& fault : report.faults) {
        if (fault.problem.empty()) fault.served_after_ms = ms_until_served(history, fault.from);
    }
}

// Into the folder that is kept, for whoever looks into it.
Result<void> write_evidence(const Report& report, const History& history,
                            const std::filesystem::path& folder) {
    if (auto written = test::write_history_file(folder / "history.jsonl", history); !written) {
        return written;
    }
    if (auto written = write_page(report, folder / "report.html"); !written) return written;
    std::ofstream out(folder / "report.json");
    out << as_json(report);
    return {};
}

}  // namespace

Result<Report> run_chaos(const Settings& settings, test::Progress& progress,
                         const test::Interrupt& interrupt) {
    const Instant began = steady_clock::now();
    auto folder = test::WorkFolder::create();
    if (!folder) return folder.error();
    const bool control =
        std::any_of(settings.families.begin(), settings.families.end(), needs_control_socket);
    const bool grows = std::find(settings.families.begin(), settings.families.end(),
                                 Family::membership) != settings.families.end();
    auto cluster = test::LocalCluster::create({.folder = folder->path(),
                                               .node_program = settings.node_program,
                                               .nodes = settings.nodes,
                                               .random = std::random_device()(),
                                               .allow_faults = control,
                                               .segment_mib = segment_mib,
                                               .spares = grows ? spare_nodes : 0});
    if (!cluster) return cluster.error();

    Report report = begin_report(settings);
    RoleLog roles;
    History history;
    progress.begin("chaos",
                   fmt::format("{} nodes, {} clients, {} s, seed {}", settings.nodes,
                               settings.clients, settings.seconds, settings.seed),
                   settings.seconds);
    {
        test::ClusterWatch watch(*cluster, interrupt, [&](NodeId node, const auto& status) {
            roles.note(node, status, steady_clock::now());
        });
        Stand stand{settings, interrupt, progress, *cluster, watch, roles, report, {}, 0};
        report.interrupted = !play(stand).ok();
        report.terms = watch.terms_led();
        history = std::move(stand.history);
    }
    progress.end(report.outcome() == Outcome::passed);
    report.roles = roles.spans();
    // Spares that were never needed have nothing to show.
    std::erase_if(report.roles, [](const auto& lane) {
        return std::all_of(lane.second.begin(), lane.second.end(),
                           [](const RoleSpan& span) { return !span.role; });
    });
    measure_all(report, history);
    report.took_s = std::chrono::duration<double>(steady_clock::now() - began).count();
    if ((report.outcome() != Outcome::passed && !report.interrupted) || settings.keep) {
        folder->keep();
        report.folder = folder->path().string();
        if (auto written = write_evidence(report, history, folder->path()); !written) {
            return written.error();
        }
    }
    return report;
}

}  // namespace raftkv::chaos
