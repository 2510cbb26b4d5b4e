// raftkv-goals-bench: the table of goals, each measured on this machine.

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "cli/bench/settings.hpp"
#include "cli/page/provenance.hpp"
#include "cli/test/interrupt.hpp"
#include "cli/test/live_line.hpp"
#include "tests/benchmark/goals/arguments.hpp"
#include "tests/benchmark/goals/rows.hpp"

namespace {

using namespace raftkv;
using namespace raftkv::benchmark;

std::vector<std::string> names_of_rows() {
    std::vector<std::string> names;
    for (const Row& row : rows()) names.emplace_back(row.name);
    return names;
}

std::string footer() {
    std::string text = "Rows:\n";
    for (const Row& row : rows()) text += fmt::format("  {:<14}{}\n", row.name, row.about);
    return text +
           "\nWhat is measured takes both the disk and all processors: let nothing else run.\n"
           "Exit codes: 0 measured, goals met or not; 1 something failed, or was not measured as "
           "it\n"
           "should; 64 usage; 74 input or output failed; 130 interrupted, with the rows until "
           "then.";
}

void declare(CLI::App& app, Settings& settings) {
    settings.rows = names_of_rows();
    app.add_option("--rows", settings.rows, "Only these")
        ->delimiter(',')
        ->check(CLI::IsMember(names_of_rows()))
        ->option_text("ROW,...");
    declare_settings(app, settings);
    app.add_flag("--json", settings.json, "Print the table as JSON");
    app.footer(footer());
}

Frame frame_of(const Settings& settings) {
    Frame frame;
    frame.command = "./dev bench goals";
    if (settings.rows.size() < rows().size())
        frame.command += fmt::format(" --rows {}", fmt::join(settings.rows, ","));
    frame.command += fmt::format(" --rounds {} --seconds {}", settings.rounds, settings.seconds);
    frame.started = fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::time(nullptr)));
    frame.machine = cli::provenance();
    frame.hint = bench::hint_about(settings.folder / "data");
    return frame;
}

// The lines of a row. One that failed says so in each of them.
std::vector<Line> measure(const Row& row, const Bed& bed, std::optional<Error>& failure) {
    std::vector<Line> lines;
    for (Goal& goal : row.goals()) lines.push_back({std::move(goal)});
    const auto measured = row.measure(bed, lines);
    if (measured) return lines;
    failure = measured.error();
    for (Line& line : lines) {
        line.samples.clear();
        line.missing = failure->message;
    }
    return lines;
}

Result<void> make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!error) return {};
    return Error{ErrorKind::io, fmt::format("making {}: {}", folder.string(), error.message())};
}

ExitCode run(const Settings& settings) {
    if (auto made = make_folder(settings.folder); !made) {
        fmt::print(stderr, "raftkv-goals-bench: {}\n", made.error().message);
        return exit_code(made.error().kind);
    }
    const Frame frame = frame_of(settings);
    const test::Interrupt interrupt;
    test::LiveLine line;
    const bench::Say say = [&](const std::string& text) { line.show(text); };
    const Bed bed{settings, interrupt, say};
    std::vector<Line> lines;
    std::optional<Error> failure;
    for (const Row& row : rows()) {
        const bool wanted =
            std::find(settings.rows.begin(), settings.rows.end(), row.name) != settings.rows.end();
        if (!wanted || interrupt.requested()) continue;
        std::vector<Line> more = measure(row, bed, failure);
        lines.insert(lines.end(), more.begin(), more.end());
    }
    line.clear();
    const std::string text = settings.json ? as_json(frame, lines) : as_text(frame, lines);
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (interrupt.requested()) return ExitCode::interrupted;
    return failure ? exit_code(failure->kind) : ExitCode::done;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Measures every goal of the table, and says which are met.");
    Settings settings;
    declare(app, settings);
    if (const auto end = parse(app, argc, argv, settings)) return static_cast<int>(*end);
    return static_cast<int>(run(settings));
}
