#include <nlohmann/json.hpp>

#include "cli/bench/compare/comparison.hpp"
#include "cli/bench/rounding.hpp"
#include "cli/command_line/json_text.hpp"

namespace raftkv::bench {
namespace {

using nlohmann::ordered_json;

ordered_json score_of(const Row& row, const Score& score) {
    ordered_json out = {{"name", score.contender}};
    const std::pair<const char*, double Turn::*> members[] = {
        {"per_second", &Turn::per_second},
        {"p50_us", &Turn::p50_us},
        {"p99_us", &Turn::p99_us},
        {"cpu_us_per_op", &Turn::cpu_us},
        {"tool_us_per_op", &Turn::tool_cpu_us}};
    for (const auto& [name, member] : members) {
        out[name] = ordered_json::array();
        for (const Turn& turn : score.turns) out[name].push_back(milli(turn.*member));
    }
    if (&score == &row.scores.front()) return out;
    const Ratio ratio = ratio_of(row.step, row.scores.front(), score);
    out["ratio"] = {{"median", milli(ratio.median)},
                    {"lowest", milli(ratio.lowest)},
                    {"highest", milli(ratio.highest)}};
    return out;
}

ordered_json row_of(const Row& row) {
    ordered_json out = {{"name", row.step.name},
                        {"clients", row.step.clients},
                        {"pipeline", row.step.pipeline},
                        {"ratio_of", row.step.by_latency ? "p50_us" : "per_second"},
                        {"systems", ordered_json::array()}};
    for (const Score& score : row.scores) out["systems"].push_back(score_of(row, score));
    return out;
}

}  // namespace

std::string as_json(const Comparison& comparison) {
    const CompareSettings& settings = comparison.settings;
    ordered_json out = {{"format", 1},
                        {"command", comparison.command},
                        {"started", comparison.started},
                        {"machine", ordered_json::object()},
                        {"rounds", settings.rounds},
                        {"seconds", settings.seconds},
                        {"value_bytes", settings.value_bytes},
                        {"nodes", settings.nodes},
                        {"fdatasync_us", milli(comparison.sync_us)},
                        {"fdatasync_of_all_nodes_us", milli(comparison.syncs_us)},
                        {"hint", nullptr},
                        {"systems", ordered_json::object()},
                        {"missing", comparison.missing},
                        {"loads", ordered_json::array()},
                        {"memory_keys", settings.memory_keys},
                        {"memory_bytes_per_key", ordered_json::object()}};
    if (!comparison.hint.empty()) out["hint"] = comparison.hint;
    for (const auto& [name, text] : comparison.machine) out["machine"][name] = text;
    for (const auto& [name, about] : comparison.contenders) out["systems"][name] = about;
    for (const Row& row : comparison.rows) out["loads"].push_back(row_of(row));
    for (const MemoryScore& score : comparison.memory) {
        out["memory_bytes_per_key"][score.contender] = milli(score.bytes_per_key);
    }
    return cli::json_text(out) + "\n";
}

}  // namespace raftkv::bench
