#include "cli/test/check_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/command_line/json_text.hpp"
#include "cli/command_line/numbers.hpp"
#include "cli/test/checker/linearizability.hpp"
#include "cli/test/history/expiry.hpp"
#include "cli/test/history/history_file.hpp"
#include "cli/test/interrupt.hpp"

namespace raftkv::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::CheckResult;
using test::Linearizable;

struct Options {
    std::string file;
    std::uint64_t steps = test::CheckBudget{}.steps;
    std::size_t memory_mib = test::CheckBudget{}.memory_bytes >> 20;
    std::optional<std::uint32_t> clock_lag_ms;
    bool json = false;
};

// A line on stderr for each second that the check takes; on a terminal each replaces the last.
class SecondHand {
  public:
    ~SecondHand() {
        if (shown_ && is_terminal_) std::fputs("\r\x1b[K", stderr);
    }

    void show(const test::CheckProgress& progress) {
        const auto now = steady_clock::now();
        if (now < next_) return;
        next_ = now + std::chrono::seconds(1);
        shown_ = true;
        fmt::print(stderr, "{}checked {} of {} keys, {} million steps{}",
                   is_terminal_ ? "\r\x1b[K" : "", progress.keys_done, progress.keys,
                   progress.steps / 1'000'000, is_terminal_ ? "" : "\n");
        std::fflush(stderr);
    }

  private:
    const bool is_terminal_ = isatty(STDERR_FILENO) != 0;
    bool shown_ = false;
    steady_clock::time_point next_ = steady_clock::now() + std::chrono::seconds(1);
};

struct Checked {
    CheckResult result;
    std::size_t operations = 0;
    double seconds = 0;
};

std::string as_text(const Checked& checked) {
    const CheckResult& result = checked.result;
    const std::string counts =
        fmt::format("{} operations on {} keys, {:.2f} s, {} steps", checked.operations, result.keys,
                    checked.seconds, result.steps);
    switch (result.outcome) {
        case Linearizable::yes:
            return fmt::format("linearizable: {}\n", counts);
        case Linearizable::no:
            return fmt::format("NOT LINEARIZABLE: {}\n{}", counts, result.explanation);
        case Linearizable::undecided:
            break;
    }
    return fmt::format("UNDECIDED: {}\n{}--steps and --memory give it more to decide with\n",
                       counts, result.explanation);
}

std::string as_json(const Checked& checked) {
    const CheckResult& result = checked.result;
    nlohmann::ordered_json out;
    out["outcome"] = name_of(result.outcome);
    out["operations"] = checked.operations;
    out["keys"] = result.keys;
    out["steps"] = result.steps;
    out["seconds"] = checked.seconds;
    out["key"] = nullptr;
    if (!result.key.empty()) out["key"] = result.key;
    out["explanation"] = nullptr;
    if (!result.explanation.empty()) out["explanation"] = result.explanation;
    return json_text(out) + "\n";
}

ExitCode exit_of(Linearizable outcome) {
    switch (outcome) {
        case Linearizable::yes:
            return ExitCode::done;
        case Linearizable::no:
            return ExitCode::failed;
        case Linearizable::undecided:
            break;
    }
    return ExitCode::undecided;
}

Checked check(const test::History& history, const Options& options,
              const test::Interrupt& interrupt) {
    test::Limits limits = test::usual_limits();
    if (options.clock_lag_ms) limits.clock_lag = milliseconds(*options.clock_lag_ms);
    const test::CheckBudget budget{options.steps, options.memory_mib << 20};
    SecondHand second_hand;
    const auto began = steady_clock::now();
    Checked checked;
    checked.operations = history.size();
    checked.result = test::check_linearizable(history, limits, budget, [&](const auto& progress) {
        second_hand.show(progress);
        return !interrupt.requested();
    });
    checked.seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
    return checked;
}

ExitCode run(const Options& options) {
    const auto history = test::read_history_file(options.file);
    if (!history) {
        fmt::print(stderr, "{}\n", history.error().message);
        return exit_code(history.error().kind);
    }
    const test::Interrupt interrupt;
    const Checked checked = check(*history, options, interrupt);
    if (interrupt.requested()) return ExitCode::interrupted;
    const std::string text = options.json ? as_json(checked) : as_text(checked);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return exit_of(checked.result.outcome);
}

}  // namespace

void add_check_command(CLI::App& test, ExitCode& exit) {
    auto options = std::make_shared<Options>();
    CLI::App* command =
        test.add_subcommand("check", "Say whether a recorded history is linearizable");
    command->add_option("history", options->file, "A history.jsonl")
        ->required()
        ->check(CLI::ExistingFile);
    command->add_option("--steps", options->steps, "How much may be tried before it is undecided")
        ->check(whole_number(1))
        ->capture_default_str();
    command->add_option("--memory", options->memory_mib, "MiB that may be taken for it")
        ->check(whole_number(1, 1 << 20))
        ->capture_default_str();
    command
        ->add_option("--clock-lag", options->clock_lag_ms,
                     "Milliseconds that a key may end too late or too early; 500 otherwise")
        ->check(whole_number(0, UINT32_MAX));
    command->add_flag("--json", options->json, "Print the result as JSON");
    command->callback([options, &exit] { exit = run(*options); });
}

}  // namespace raftkv::cli
