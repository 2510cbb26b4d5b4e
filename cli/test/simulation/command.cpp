#include "cli/test/simulation/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <thread>

#include "cli/command_line/numbers.hpp"
#include "cli/test/interrupt.hpp"
#include "cli/test/live_line.hpp"
#include "cli/test/simulation/last_events.hpp"
#include "cli/test/simulation/plan_file.hpp"
#include "cli/test/simulation/report.hpp"
#include "cli/test/simulation/shrink.hpp"
#include "cli/test/simulation/suite.hpp"
#include "cli/test/trace/html.hpp"
#include "cli/test/trace/json.hpp"

namespace raftkv::cli {

namespace {

using namespace simulation;
using test::Interrupt;
using test::LiveLine;

struct Arguments {
    std::optional<std::uint64_t> seed;
    std::uint64_t first_seed = 1;
    std::uint64_t seeds = 100;
    std::uint32_t minutes = 0;
    bool members = false;
    PlanSize size;
    std::string plan_file;
    std::string trace_file;
    std::string shrink_file;
    bool json = false;
};

Result<void> write_file(const std::string& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (out) return {};
    return Error{ErrorKind::io, fmt::format("cannot write {}", file)};
}

Result<std::string> read_file(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return Error{ErrorKind::usage, fmt::format("cannot read {}", file)};
    return std::string{std::istreambuf_iterator<char>(in), {}};
}

Result<void> write_trace(const std::string& file, const trace::Trace& trace) {
    const bool page = file.ends_with(".html") || file.ends_with(".htm");
    return write_file(file, page ? trace::to_html(trace) : trace::to_json(trace));
}

// --- one run

Result<Plan> plan_of(const Arguments& arguments) {
    if (arguments.plan_file.empty()) return make_plan(*arguments.seed, arguments.size);
    auto text = read_file(arguments.plan_file);
    if (!text) return text.error();
    auto kept = parse_plan(*text);
    if (!kept) {
        return Error{kept.error().kind,
                     fmt::format("{}: {}", arguments.plan_file, kept.error().message)};
    }
    return kept->plan;
}

std::string command_of(const Arguments& arguments, std::uint64_t seed) {
    if (!arguments.plan_file.empty()) {
        return fmt::format("raftkv test simulate --plan {}", arguments.plan_file);
    }
    return repeat_command(seed, arguments.size);
}

Result<void> shrink_to_file(const Plan& plan, const Failure& failure, const std::string& file,
                            const Interrupt& interrupt) {
    LiveLine line;
    constexpr std::size_t most_runs = 3000;
    const Plan small = shrink(plan, failure.invariant, most_runs, [&](const ShrinkProgress& at) {
        line.show(fmt::format("shrinking: {} runs, {} faults and {} operations are left", at.runs,
                              at.faults, at.operations));
        return !interrupt.requested();
    });
    line.clear();
    if (auto written = write_file(file, to_json(KeptPlan{small, failure.invariant})); !written) {
        return written;
    }
    fmt::print(stderr,
               "{} of {} faults and {} of {} operations are enough; kept in {}:\n"
               "    raftkv test simulate --plan {}\n",
               small.faults.size(), plan.faults.size(), small.operations.size(),
               plan.operations.size(), file, file);
    return {};
}

Result<ExitCode> run_one(const Arguments& arguments, const Interrupt& interrupt) {
    auto plan = plan_of(arguments);
    if (!plan) return plan.error();
    trace::Trace trace;
    trace.seed = plan->seed;
    trace.nodes = plan->nodes;
    trace.command = command_of(arguments, plan->seed);
    RunOptions options;
    options.check_history = true;
    options.trace = &trace;
    const Outcome outcome = run(*plan, options);
    fmt::print("{}", arguments.json ? json_of(*plan, outcome, trace.command)
                                    : text_of(*plan, outcome, trace.command));
    if (outcome.failure && !arguments.json) {
        constexpr std::size_t enough = 25;
        fmt::print("\nWhat happened last:\n");
        for (const std::string& event : last_events(trace, enough)) fmt::print("{}\n", event);
    }
    if (!arguments.trace_file.empty()) {
        if (auto written = write_trace(arguments.trace_file, trace); !written) {
            return written.error();
        }
        fmt::print(stderr, "the run is drawn in {}\n", arguments.trace_file);
    }
    if (outcome.failure && !arguments.shrink_file.empty()) {
        auto shrunk = shrink_to_file(*plan, *outcome.failure, arguments.shrink_file, interrupt);
        if (!shrunk) return shrunk.error();
    }
    return outcome.failure ? ExitCode::failed : ExitCode::done;
}

// --- many

Result<ExitCode> run_many(const Arguments& arguments, const Interrupt& interrupt) {
    SuiteOptions options;
    options.first_seed = arguments.first_seed;
    options.seeds = arguments.seeds;
    if (arguments.minutes > 0) options.time = std::chrono::minutes(arguments.minutes);
    options.size = arguments.size;
    options.only_members = arguments.members;
    options.threads = std::max(1U, std::thread::hardware_concurrency());
    LiveLine line;
    const SuiteResult result = run_suite(options, [&](const SuiteProgress& progress) {
        const std::string all = options.time ? "" : fmt::format(" of {}", options.seeds);
        line.show(fmt::format("{}{} runs, {:.1f} million events, {} failures", progress.runs, all,
                              double(progress.events) / 1e6, progress.failures));
        return !interrupt.requested();
    });
    line.clear();
    fmt::print("{}",
               arguments.json ? json_of(result, options.size) : text_of(result, options.size));
    if (!result.complete) return ExitCode::interrupted;
    if (!result.failures.empty() && !arguments.shrink_file.empty()) {
        const SuiteFailure& first = result.failures.front();
        auto shrunk = shrink_to_file(make_plan(first.seed, options.size), first.failure,
                                     arguments.shrink_file, interrupt);
        if (!shrunk) return shrunk.error();
    }
    return passed(result, options.size) ? ExitCode::done : ExitCode::failed;
}

void add_options(CLI::App& command, Arguments& arguments) {
    auto* seed =
        command.add_option("--seed", arguments.seed, "Run this one, and tell all about it")
            ->check(whole_number(0));
    auto* seeds = command.add_option("--seeds", arguments.seeds, "Run so many, on all cores")
                      ->check(whole_number(1, 1'000'000'000))
                      ->capture_default_str();
    auto* first = command.add_option("--first-seed", arguments.first_seed, "The first of them")
                      ->check(whole_number(0))
                      ->capture_default_str();
    auto* minutes =
        command.add_option("--minutes", arguments.minutes, "As many as fit into so many minutes")
            ->check(whole_number(1, 100'000));
    command.add_flag("--members", arguments.members,
                     "Of many, only those whose members change; the others are passed over");
    auto* plan = command
                     .add_option("--plan", arguments.plan_file,
                                 "Run a plan that was kept, or written by hand")
                     ->option_text("FILE")
                     ->check(CLI::ExistingFile);
    for (auto* many : {seeds, first, minutes}) many->excludes(seed)->excludes(plan);
    seed->excludes(plan);
    minutes->excludes(seeds);
    command
        .add_option("--nodes", arguments.size.nodes, "Nodes of each cluster; else the seed decides")
        ->check(whole_number(1, 15));
    command
        .add_option("--seconds", arguments.size.seconds, "Simulated time before everything heals")
        ->check(whole_number(1, 3600))
        ->capture_default_str();
    command
        .add_option("--trace", arguments.trace_file,
                    "Draw the run: .html for a page to look at, else JSON")
        ->option_text("FILE");
    command
        .add_option("--shrink", arguments.shrink_file,
                    "Keep of a failure what it needs, as a plan that can be run again")
        ->option_text("FILE");
    command.add_flag("--json", arguments.json, "Print the result as JSON");
}

Result<ExitCode> simulate(const Arguments& arguments) {
    const Interrupt interrupt;
    const bool one = arguments.seed || !arguments.plan_file.empty();
    if (!one && !arguments.trace_file.empty()) {
        return Error{ErrorKind::usage, "--trace draws one run: name it with --seed or --plan"};
    }
    return one ? run_one(arguments, interrupt) : run_many(arguments, interrupt);
}

}  // namespace

void add_simulate_command(CLI::App& test, ExitCode& exit) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = test.add_subcommand(
        "simulate", "Put simulated clusters through every fault there is, repeatable by a number");
    add_options(*command, *arguments);
    command->callback([arguments, &exit] {
        auto result = simulate(*arguments);
        if (!result) fmt::print(stderr, "raftkv test simulate: {}\n", result.error().message);
        exit = result ? *result : exit_code(result.error().kind);
    });
}

}  // namespace raftkv::cli
