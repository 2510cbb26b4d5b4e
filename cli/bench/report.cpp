#include "cli/bench/report.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>

#include "cli/page/provenance.hpp"

namespace raftkv::bench {
namespace {

const NodeUse* leader_of(const Report& report) {
    const auto found = std::find_if(report.nodes.begin(), report.nodes.end(),
                                    [](const NodeUse& node) { return node.leads; });
    return found == report.nodes.end() ? nullptr : &*found;
}

std::string per_operation(double cores, const Report& report) {
    if (report.load.per_second <= 0 || cores <= 0) return "-";
    return fmt::format("{:.2f} us", cores / report.load.per_second * 1e6);
}

void add_latency(const Report& report, std::string& out) {
    const Histogram& latency = report.load.latency;
    out += fmt::format("{:<12}", "latency");
    const std::pair<const char*, double> columns[] = {
        {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}};
    for (const auto& [name, fraction] : columns) {
        out += fmt::format("{} {}   ", name, duration_text(latency.percentile(fraction)));
    }
    out += fmt::format("max {}\n", duration_text(latency.max()));
}

void add_outcomes(const Report& report, std::string& out) {
    const LoadResult& load = report.load;
    out += fmt::format("{:<12}{}", "errors", grouped(static_cast<double>(load.errors())));
    std::string kinds;
    for (std::size_t i = 0; i < outcome_count; ++i) {
        const auto outcome = static_cast<Outcome>(i);
        if (!is_error(outcome) || load.outcomes[i] == 0) continue;
        kinds +=
            fmt::format("{}{}: {}", kinds.empty() ? "" : ", ", name_of(outcome), load.outcomes[i]);
    }
    if (!kinds.empty()) out += fmt::format(" ({})", kinds);
    const std::uint64_t conflicts = load.outcomes[static_cast<std::size_t>(Outcome::conflict)];
    if (conflicts > 0) out += fmt::format("; cas that came second: {}", conflicts);
    if (load.redirects > 0) out += fmt::format("; redirects followed: {}", load.redirects);
    if (load.reconnects > 0) out += fmt::format("; connections made anew: {}", load.reconnects);
    out += "\n";
    if (load.unsent > 0) {
        out += fmt::format(
            "{:<12}{} were due and could not be sent: that rate is more than the "
            "cluster, or {} in flight, can take\n",
            "too much", grouped(static_cast<double>(load.unsent)),
            report.settings.clients * report.settings.pipeline);
    }
}

void add_nodes(const Report& report, std::string& out) {
    out += fmt::format("\n{:<24}{:>10}{:>14}{:>10}{:>10}{:>16}\n", "", "cores", "per operation",
                       "memory", "syncs/s", "entries a sync");
    for (const NodeUse& node : report.nodes) {
        const std::string name = node.name + (node.leads ? ", leader" : "");
        if (!node.answered) {
            out += fmt::format("{:<24}its admin port does not answer\n", name);
            continue;
        }
        out += fmt::format("{:<24}{:>10.2f}{:>14}{:>10}{:>10}{:>16.1f}\n", name, node.cpu_cores,
                           per_operation(node.cpu_cores, report),
                           fmt::format("{} MiB", node.memory_bytes >> 20),
                           grouped(node.syncs_per_second), node.entries_per_sync);
    }
    out += fmt::format("{:<24}{:>10.2f}{:>14}", "this tool", report.own_cores(),
                       per_operation(report.own_cores(), report));
    if (const auto share = report.share_of_leader()) {
        out += fmt::format("   {:.0f} % of what the leader uses", *share * 100);
    }
    out += "\n";
}

}  // namespace

double Report::own_cores() const {
    return load.seconds > 0 ? load.own_cpu_seconds / load.seconds : 0;
}

std::optional<double> Report::share_of_leader() const {
    const NodeUse* leader = leader_of(*this);
    if (leader == nullptr || leader->cpu_cores <= 0) return std::nullopt;
    return own_cores() / leader->cpu_cores;
}

Report begin_report(const Settings& settings, std::string cluster) {
    Report report;
    report.settings = settings;
    report.cluster = std::move(cluster);
    report.command = command_of(settings);
    report.started = fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::time(nullptr)));
    report.machine = cli::provenance();
    return report;
}

std::string as_text(const Report& report) {
    std::string out = fmt::format("{}\n{:.1f} s on {}\n\n", load_text(report.settings),
                                  report.load.seconds, report.cluster);
    out += fmt::format("{:<12}{}/s\n", "rate", grouped(report.load.per_second));
    add_latency(report, out);
    add_outcomes(report, out);
    add_nodes(report, out);
    if (!report.hint.empty()) out += fmt::format("\nNote: {}\n", report.hint);
    if (!report.left_behind.empty()) out += fmt::format("\n{}\n", report.left_behind);
    return out;
}

std::string duration_text(std::int64_t ns) {
    double value = static_cast<double>(ns);
    const char* unit = "ns";
    for (const char* larger : {"us", "ms", "s"}) {
        if (value < 999.5) break;
        value /= 1000;
        unit = larger;
    }
    const int digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f} {}", value, unit[0] == 'n' ? 0 : digits, unit);
}

std::string grouped(double number) {
    std::string digits = fmt::format("{:.0f}", number);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
    return digits;
}

std::string load_text(const Settings& settings) {
    std::string text =
        fmt::format("{}, {} client{}, {} in flight each, {}-byte values", name_of(settings.op),
                    settings.clients, settings.clients == 1 ? "" : "s", settings.pipeline,
                    settings.value_bytes);
    if (settings.keys > 0) {
        text += fmt::format(", {} keys", grouped(static_cast<double>(settings.keys)));
        if (settings.op != Op::set)
            text += fmt::format(" ({})", name_of(settings.distribution));
        else
            text += " there before";
    }
    text += settings.rate > 0 ? fmt::format(", {} a second", grouped(settings.rate))
                              : std::string(", as many as it takes");
    return text;
}

}  // namespace raftkv::bench
