#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/bench/report.hpp"
#include "cli/bench/rounding.hpp"
#include "cli/command_line/json_text.hpp"

namespace raftkv::bench {
namespace {

using nlohmann::ordered_json;

// To a tenth of a microsecond: shorter to read, and as exact as any of it.
double us(std::int64_t ns) {
    return std::round(static_cast<double>(ns) / 100) / 10;
}

ordered_json load_of_report(const Settings& settings) {
    ordered_json load = {{"op", name_of(settings.op)},
                         {"clients", settings.clients},
                         {"pipeline", settings.pipeline},
                         {"value_bytes", settings.value_bytes},
                         {"keys", settings.keys},
                         {"distribution", nullptr},
                         {"rate", nullptr}};
    if (settings.op != Op::set) load["distribution"] = name_of(settings.distribution);
    if (settings.rate > 0) load["rate"] = settings.rate;
    return load;
}

ordered_json latency_of(const Histogram& latency) {
    return {{"p50", us(latency.percentile(0.5))},
            {"p90", us(latency.percentile(0.9))},
            {"p99", us(latency.percentile(0.99))},
            {"p99.9", us(latency.percentile(0.999))},
            {"max", us(latency.max())},
            {"mean", us(static_cast<std::int64_t>(latency.mean()))}};
}

// Of 1 in 1, 1 in 1.33, ... 1 in 10, ... how long the slowest took: for a curve.
ordered_json curve_of(const Histogram& latency) {
    constexpr int steps_per_decade = 8;
    ordered_json curve = ordered_json::array();
    for (int step = 0;; ++step) {
        const double one_in = std::pow(10.0, static_cast<double>(step) / steps_per_decade);
        if (one_in > static_cast<double>(latency.count())) return curve;
        curve.push_back({milli(one_in), us(latency.percentile(1 - 1 / one_in))});
    }
}

ordered_json outcomes_of(const LoadResult& load) {
    ordered_json outcomes = ordered_json::object();
    for (std::size_t i = 0; i < outcome_count; ++i) {
        outcomes[std::string(name_of(static_cast<Outcome>(i)))] = load.outcomes[i];
    }
    return outcomes;
}

ordered_json nodes_of(const Report& report) {
    ordered_json nodes = ordered_json::array();
    for (const NodeUse& node : report.nodes) {
        ordered_json out = {{"name", node.name}, {"answered", node.answered}};
        if (node.answered) {
            out["leads"] = node.leads;
            out["cpu_cores"] = milli(node.cpu_cores);
            out["memory_bytes"] = node.memory_bytes;
            out["syncs_per_second"] = milli(node.syncs_per_second);
            out["entries_per_sync"] = milli(node.entries_per_sync);
        }
        nodes.push_back(std::move(out));
    }
    return nodes;
}

ordered_json series_of(const Report& report) {
    ordered_json out = {{"window_s", load_of(report.settings).window_seconds}};
    for (const char* name : {"operations", "errors", "p50_us", "p99_us", "max_us"}) {
        out[name] = ordered_json::array();
    }
    for (const Window& window : report.load.windows) {
        out["operations"].push_back(window.operations);
        out["errors"].push_back(window.errors);
        out["p50_us"].push_back(us(window.p50_ns));
        out["p99_us"].push_back(us(window.p99_ns));
        out["max_us"].push_back(us(window.max_ns));
    }
    return out;
}

ordered_json tool_of(const Report& report) {
    ordered_json tool = {{"cpu_cores", milli(report.own_cores())}, {"share_of_leader", nullptr}};
    if (const auto share = report.share_of_leader()) tool["share_of_leader"] = milli(*share);
    return tool;
}

}  // namespace

std::string as_json(const Report& report) {
    ordered_json out;
    out["format"] = 1;
    out["command"] = report.command;
    out["cluster"] = report.cluster;
    out["started"] = report.started;
    out["machine"] = ordered_json::object();
    for (const auto& [name, text] : report.machine) out["machine"][name] = text;
    out["load"] = load_of_report(report.settings);
    out["load_text"] = load_text(report.settings);
    out["hint"] = nullptr;
    if (!report.hint.empty()) out["hint"] = report.hint;
    out["interrupted"] = report.load.interrupted;
    out["seconds"] = milli(report.load.seconds);
    out["operations"] = report.load.answered();
    out["per_second"] = milli(report.load.per_second);
    out["latency_us"] = latency_of(report.load.latency);
    out["errors"] = report.load.errors();
    out["outcomes"] = outcomes_of(report.load);
    out["redirects"] = report.load.redirects;
    out["reconnects"] = report.load.reconnects;
    out["unsent"] = report.load.unsent;
    out["nodes"] = nodes_of(report);
    out["tool"] = tool_of(report);
    out["latency_curve"] = curve_of(report.load.latency);
    out["series"] = series_of(report);
    // Names of hosts are what the user typed.
    return cli::json_text(out) + "\n";
}

}  // namespace raftkv::bench
