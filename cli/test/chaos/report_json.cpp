#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/command_line/json_text.hpp"
#include "cli/test/chaos/report.hpp"

namespace raftkv::chaos {
namespace {

using nlohmann::ordered_json;

// Milliseconds since the beginning, to a tenth.
class Times {
  public:
    explicit Times(Instant epoch) : epoch_(epoch) {}

    double operator()(Instant instant) const {
        return tenths(std::chrono::duration<double, std::milli>(instant - epoch_).count());
    }
    static double tenths(double value) { return std::round(value * 10) / 10; }

  private:
    Instant epoch_;
};

// To three digits after the point: microseconds.
double micro(double ms) {
    return std::round(ms * 1000) / 1000;
}

ordered_json ids_of(const std::vector<NodeId>& nodes) {
    ordered_json ids = ordered_json::array();
    for (NodeId node : nodes) ids.push_back(node.value());
    return ids;
}

ordered_json to_json(const Counts& counts) {
    return {{"operations", counts.operations},
            {"reads", counts.reads},
            {"acknowledged", counts.acknowledged},
            {"refused", counts.refused},
            {"unknown", counts.unknown},
            {"turned_away", counts.turned_away},
            {"gave_up", counts.gave_up}};
}

ordered_json to_json(const Latency& latency) {
    return {{"p50_ms", micro(latency.p50_ms)},
            {"p99_ms", micro(latency.p99_ms)},
            {"max_ms", micro(latency.max_ms)}};
}

ordered_json to_json(const FaultRecord& fault, const Times& times) {
    const KindTraits& kind = traits_of(fault.plan.kind);
    ordered_json out = {{"family", name_of(kind.family)},
                        {"kind", kind.name},
                        {"text", fault.text},
                        {"from_ms", times(fault.from)},
                        {"to_ms", times(fault.to)},
                        {"nodes", ids_of(fault.nodes)},
                        {"takes_quorum", kind.takes_quorum()},
                        {"problem", nullptr},
                        {"served_after_ms", nullptr}};
    if (!fault.problem.empty()) out["problem"] = fault.problem;
    if (fault.served_after_ms) out["served_after_ms"] = Times::tenths(*fault.served_after_ms);
    return out;
}

ordered_json to_json(const Check& check) {
    ordered_json out = {{"name", check.name},
                        {"outcome", name_of(check.outcome)},
                        {"text", nullptr},
                        {"seconds", micro(check.seconds)}};
    if (!check.text.empty()) out["text"] = check.text;
    return out;
}

ordered_json roles_of(const Report& report, const Times& times) {
    ordered_json nodes = ordered_json::array();
    for (const auto& [node, spans] : report.roles) {
        ordered_json list = ordered_json::array();
        for (const RoleSpan& span : spans) {
            if (span.to < report.from || span.from > report.to) continue;
            list.push_back({times(span.from), times(span.to),
                            span.role ? ordered_json(cli::name_of(*span.role)) : ordered_json(),
                            span.term.value()});
        }
        nodes.push_back({{"node", node.value()}, {"spans", std::move(list)}});
    }
    return nodes;
}

ordered_json series_of(const Measurements& measured) {
    ordered_json out = {{"bucket_ms", measured.bucket_length.count()}};
    for (const char* name : {"reads", "writes", "unanswered", "p50_ms", "p99_ms", "max_ms"}) {
        out[name] = ordered_json::array();
    }
    for (const Bucket& bucket : measured.buckets) {
        out["reads"].push_back(bucket.counts.reads);
        out["writes"].push_back(bucket.counts.acknowledged + bucket.counts.refused);
        out["unanswered"].push_back(bucket.counts.unknown + bucket.counts.gave_up);
        out["p50_ms"].push_back(micro(bucket.latency.p50_ms));
        out["p99_ms"].push_back(micro(bucket.latency.p99_ms));
        out["max_ms"].push_back(micro(bucket.latency.max_ms));
    }
    return out;
}

ordered_json windows_of(const Measurements& measured, const Times& times) {
    ordered_json windows = ordered_json::array();
    for (const Window& window : measured.unavailable) {
        windows.push_back({times(window.from), times(window.to)});
    }
    return windows;
}

ordered_json names_of(const std::vector<Family>& families) {
    ordered_json names = ordered_json::array();
    for (Family family : families) names.push_back(name_of(family));
    return names;
}

void add_what_happened(ordered_json& out, const Report& report) {
    const Times times(report.from);
    out["length_ms"] = times(report.to);
    out["terms"] = report.terms;
    out["counts"] = to_json(report.measured.counts);
    out["latency"] = to_json(report.measured.latency);
    out["faults"] = ordered_json::array();
    for (const FaultRecord& fault : report.faults) out["faults"].push_back(to_json(fault, times));
    out["unavailable_ms"] = windows_of(report.measured, times);
    out["roles"] = roles_of(report, times);
    out["series"] = series_of(report.measured);
}

}  // namespace

std::string as_json(const Report& report) {
    ordered_json out;
    out["format"] = 1;
    out["verdict"] = report.interrupted ? "interrupted" : name_of(report.outcome());
    out["reason"] = nullptr;
    if (const Check* check = report.decisive()) out["reason"] = check->text;
    out["seed"] = report.seed;
    out["nodes"] = report.nodes;
    out["clients"] = report.clients;
    out["seconds"] = report.seconds;
    out["families"] = names_of(report.families);
    out["command"] = report.command;
    out["folder"] = nullptr;
    if (!report.folder.empty()) out["folder"] = report.folder;
    out["started"] = report.started;
    out["took_s"] = micro(report.took_s);
    out["versions"] = ordered_json::object();
    for (const auto& [name, text] : report.versions) out["versions"][name] = text;
    out["checks"] = ordered_json::array();
    for (const Check& check : report.checks) out["checks"].push_back(to_json(check));
    add_what_happened(out, report);
    // Texts may quote bytes that a broken node sent.
    return cli::json_text(out) + "\n";
}

}  // namespace raftkv::chaos
