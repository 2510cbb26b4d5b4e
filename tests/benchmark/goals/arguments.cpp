#include "tests/benchmark/goals/arguments.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>

namespace raftkv::benchmark {

void declare_settings(CLI::App& app, Settings& settings) {
    app.add_option("--rounds", settings.rounds, "How often each is measured")
        ->check(CLI::Range(1, 1'000))
        ->capture_default_str();
    app.add_option("--seconds", settings.seconds, "For each load of a round")
        ->check(CLI::Range(0.1, 3'600.0))
        ->capture_default_str();
    app.add_option("--raftkv", settings.raftkv, "The program")->required();
    app.add_option("--folder", settings.folder, "Where the data goes: on the disk to be measured")
        ->required();
}

std::optional<ExitCode> parse(CLI::App& app, int argc, char** argv, Settings& settings) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& end) {
        return app.exit(end) == 0 ? ExitCode::done : ExitCode::usage;
    }
    settings.raftkv = std::filesystem::absolute(settings.raftkv);
    settings.folder = std::filesystem::absolute(settings.folder);
    return std::nullopt;
}

}  // namespace raftkv::benchmark
