#include "cli/test/simulation/report.hpp"
#include "cli/command_line/json_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

namespace raftkv::simulation {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Failure& failure) {
    Json json{
        {"invariant", failure.invariant}, {"message", failure.message}, {"at_us", failure.at}};
    if (failure.node) json["node"] = *failure.node;
    return json;
}

Json to_json(const Counters& counters) {
    Json faults = Json::object(), seen = Json::object();
    for (std::size_t i = 0; i < fault_kinds; ++i) {
        faults[std::string(name_of(static_cast<FaultKind>(i)))] = counters.faults[i];
    }
    for (std::size_t i = 0; i < seen_kinds; ++i) {
        seen[std::string(name_of(static_cast<Seen>(i)))] = counters.seen[i];
    }
    return {{"events", counters.events},
            {"messages", counters.messages},
            {"commits", counters.commits},
            {"syncs", counters.syncs},
            {"operations", counters.operations},
            {"faults", faults},
            {"seen", seen}};
}

std::string failure_text(const Failure& failure, const std::string& command) {
    return fmt::format("FAILED: {}\n    {}\n    at {:.6f} s; repeat it with\n    {}\n",
                       failure.invariant, failure.message, double(failure.at) / 1e6, command);
}

// Two columns of names and numbers.
std::string table_of(const Counters& counters) {
    std::vector<std::string> cells;
    const auto add = [&](std::string_view name, std::uint64_t count) {
        cells.push_back(fmt::format("{:<38}{:>10}", name, count));
    };
    for (std::size_t i = 0; i < fault_kinds; ++i) {
        add(name_of(static_cast<FaultKind>(i)), counters.faults[i]);
    }
    const std::size_t faults = cells.size();
    for (std::size_t i = 0; i < seen_kinds; ++i) {
        add(name_of(static_cast<Seen>(i)), counters.seen[i]);
    }
    std::string text = fmt::format("{:<52}{}\n", "faults", "what happened");
    for (std::size_t row = 0; row < std::max(faults, cells.size() - faults); ++row) {
        const std::string left = row < faults ? cells[row] : "";
        const std::string right = faults + row < cells.size() ? cells[faults + row] : "";
        text += fmt::format("{:<52}{}\n", left, right);
    }
    return text;
}

}  // namespace

std::string repeat_command(std::uint64_t seed, const PlanSize& size) {
    std::string command = fmt::format("raftkv test simulate --seed {}", seed);
    if (size.nodes != 0) command += fmt::format(" --nodes {}", size.nodes);
    if (size.seconds != PlanSize().seconds) command += fmt::format(" --seconds {}", size.seconds);
    return command;
}

std::string text_of(const Plan& plan, const Outcome& outcome, const std::string& command) {
    std::string text =
        fmt::format("seed {}: {} nodes, {} clients, {} faults and {} operations in {} s\n",
                    plan.seed, plan.nodes, plan.clients, plan.faults.size(), plan.operations.size(),
                    plan.horizon / 1'000'000);
    for (const Fault& fault : plan.faults) {
        text += fmt::format("    {:>9.3f} s  {}, node {}{}, for {:.3f} s\n", double(fault.at) / 1e6,
                            name_of(fault.kind), fault.node,
                            fault.amount != 0 ? fmt::format(", {}", fault.amount) : "",
                            double(fault.lasts) / 1e6);
    }
    text += fmt::format("{} events, {} messages, {} entries committed; trace hash {:016x}\n",
                        outcome.counters.events, outcome.counters.messages,
                        outcome.counters.commits, outcome.trace_hash);
    if (outcome.failure) return text + failure_text(*outcome.failure, command);
    return text + "passed: every promise was kept, and the cluster got over all of it\n";
}

std::string json_of(const Plan& plan, const Outcome& outcome, const std::string& command) {
    Json json{
        {"seed", plan.seed},          {"nodes", plan.nodes},
        {"passed", !outcome.failure}, {"trace_hash", fmt::format("{:016x}", outcome.trace_hash)},
        {"command", command},         {"counters", to_json(outcome.counters)}};
    if (outcome.failure) json["failure"] = to_json(*outcome.failure);
    return cli::json_text(json, 2) + "\n";
}

bool passed(const SuiteResult& result, const PlanSize& size) {
    const bool sees_everything =
        result.runs >= runs_that_see_everything && size.nodes == 0 && !result.only_members;
    return result.failures.empty() && (!sees_everything || result.never_happened().empty());
}

std::string text_of(const SuiteResult& result, const PlanSize& size) {
    std::string text = table_of(result.counters) + "\n";
    text += fmt::format(
        "{} runs, {:.1f} million events in {:.1f} s: {:.0f} thousand events a second and core; {} "
        "thousand entries committed\n",
        result.runs, double(result.counters.events) / 1e6, result.seconds,
        double(result.counters.events) / result.seconds / result.threads / 1e3,
        result.counters.commits / 1000);
    const auto never = result.never_happened();
    if (!never.empty()) {
        text += fmt::format("never happened{}: {}\n",
                            passed(result, size) ? " in so few runs"
                                                 : ", in enough runs that it "
                                                   "should have",
                            fmt::join(never, ", "));
    }
    for (const SuiteFailure& failure : result.failures) {
        text += failure_text(failure.failure, repeat_command(failure.seed, size));
    }
    if (passed(result, size)) text += "passed\n";
    return text;
}

std::string json_of(const SuiteResult& result, const PlanSize& size) {
    Json failures = Json::array();
    for (const SuiteFailure& failure : result.failures) {
        Json json{{"seed", failure.seed}, {"nodes", failure.nodes}};
        json.update(to_json(failure.failure));
        json["command"] = repeat_command(failure.seed, size);
        failures.push_back(json);
    }
    const Json json{{"runs", result.runs},
                    {"passed", passed(result, size)},
                    {"seconds", result.seconds},
                    {"threads", result.threads},
                    {"failures", failures},
                    {"never_happened", result.never_happened()},
                    {"counters", to_json(result.counters)}};
    return cli::json_text(json, 2) + "\n";
}

}  // namespace raftkv::simulation
