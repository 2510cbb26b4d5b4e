// raftkv-ratios-bench: rates of a cluster over what the machine does by itself in the same minute,
// next to those that are stored: whether a change made it faster or slower.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "cli/bench/median.hpp"
#include "cli/bench/report.hpp"
#include "cli/test/live_line.hpp"
#include "tests/benchmark/goals/arguments.hpp"
#include "tests/benchmark/goals/bed.hpp"
#include "tests/benchmark/ratios/loops.hpp"

namespace {

using namespace raftkv;
using namespace raftkv::benchmark;
using Json = nlohmann::ordered_json;

enum class Loop { messages, syncs };

struct Step {
    std::string name;
    bench::Op op = bench::Op::set;
    std::size_t clients = 64;
    std::size_t pipeline = 1;
    Loop over = Loop::messages;
    std::vector<double> rates{};
    std::vector<double> ratios{};  // of the rate to that of the loop, one a round
};

std::vector<Step> all_steps() {
    return {{"set, 1 client", bench::Op::set, 1, 1, Loop::syncs},
            {"set, 64 clients", bench::Op::set, 64, 1, Loop::syncs},
            {"set, 64 clients, 16 in flight", bench::Op::set, 64, 16, Loop::messages},
            {"get, 64 clients", bench::Op::get, 64, 1, Loop::messages},
            {"get, 64 clients, 16 in flight", bench::Op::get, 64, 16, Loop::messages}};
}

Result<double> rate_of_loop(const Bed& bed, Loop loop) {
    constexpr double seconds = 0.3;
    return loop == Loop::messages ? messages_per_second(seconds)
                                  : syncs_per_second(bed.settings.folder);
}

// The loop is run before and after, and its better rate counts: what disturbs one is no speed.
Result<void> measure(const Bed& bed, bench::Cluster& cluster, bench::KeySpace& space,
                     const std::string& round, Step& step) {
    const std::string what = step.name + ", " + round;
    const auto before = rate_of_loop(bed, step.over);
    if (!before) return before.error();
    const bench::LoadOptions load = bed.load(step.op, step.clients, step.pipeline);
    bench::KeySpace fresh = bench::new_key_space({});
    auto result = bed.run(cluster, load, step.op == bench::Op::set ? fresh : space, what);
    if (!result) return result.error();
    const auto after = rate_of_loop(bed, step.over);
    if (!after) return after.error();
    step.rates.push_back(result->per_second);
    step.ratios.push_back(result->per_second / std::max(*before, *after));
    return {};
}

Result<std::vector<Step>> measure_all(const Bed& bed) {
    constexpr std::uint64_t keys = 10'000;
    std::vector<Step> steps = all_steps();
    auto cluster = bed.start(3);
    if (!cluster) return cluster.error();
    auto space = bed.write_keys(*cluster, keys, 64, "keys to read");
    if (!space) return space.error();
    for (std::size_t round = 0; round < bed.settings.rounds; ++round) {
        const std::string which = fmt::format("round {} of {}", round + 1, bed.settings.rounds);
        for (Step& step : steps)
            if (auto one = measure(bed, *cluster, *space, which, step); !one) return one.error();
    }
    return steps;
}

Result<Json> load_ratios(const std::string& file) {
    std::ifstream in(file);
    Json ratios = Json::parse(in, nullptr, false);
    if (ratios.is_object()) return ratios;
    return Error{ErrorKind::usage, fmt::format("{} has no ratios: --store makes them", file)};
}

std::string change_text(const Json& stored, const Step& step) {
    if (!stored.contains(step.name)) return "new";
    const double before = stored[step.name].get<double>();
    return fmt::format("{:+.1f} %", (bench::median(step.ratios) / before - 1) * 100);
}

void print(const std::vector<Step>& steps, const Json& stored) {
    fmt::print("{:<32}{:>10}{:>26}   {:<10}{}\n", "", "1/s", "ratio", "of", "stored");
    for (const Step& step : steps) {
        const auto [least, most] = std::minmax_element(step.ratios.begin(), step.ratios.end());
        const std::string ratio =
            fmt::format("{:.3f} ({:.3f} - {:.3f})", bench::median(step.ratios), *least, *most);
        fmt::print("{:<32}{:>10}{:>26}   {:<10}{}\n", step.name,
                   bench::grouped(bench::median(step.rates)), ratio,
                   step.over == Loop::messages ? "messages" : "syncs", change_text(stored, step));
    }
}

Result<void> run(const Settings& settings, const std::string& file, bool store) {
    std::error_code error;
    std::filesystem::create_directories(settings.folder, error);
    if (error)
        return Error{ErrorKind::io,
                     fmt::format("making {}: {}", settings.folder.string(), error.message())};
    Json stored = Json::object();
    if (!store) {
        auto loaded = load_ratios(file);
        if (!loaded) return loaded.error();
        stored = std::move(*loaded);
    }
    const test::Interrupt interrupt;
    test::LiveLine line;
    const bench::Say say = [&](const std::string& text) { line.show(text); };
    const auto steps = measure_all({settings, interrupt, say});
    line.clear();
    if (!steps) return steps.error();
    print(*steps, stored);
    if (!store) return {};
    for (const Step& step : *steps)
        stored[step.name] = std::round(bench::median(step.ratios) * 1000) / 1000;
    std::ofstream(file) << stored.dump(2) << "\n";
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    settings.seconds = 1;
    std::string file;
    bool store = false;
    CLI::App app{"Rates of a cluster of three over what the machine does by itself at that time."};
    declare_settings(app, settings);
    app.add_option("--ratios", file, "The stored ratios")->default_val(RAFTKV_RATIOS);
    app.add_flag("--store", store, "Store what is measured");
    app.footer(
        "messages: of 64 bytes that one thread sends itself over TCP, a second; syncs: small "
        "writes\nwith a fdatasync each, a second, by one of three who write at the same time. "
        "Both are measured\nright before and after each load. Exit codes: 0 measured; 1 something "
        "failed; 64 usage; 74 input or\noutput failed; 130 interrupted.");
    if (const auto end = parse(app, argc, argv, settings)) return static_cast<int>(*end);
    const Result<void> result = run(settings, file, store);
    if (result) return 0;
    fmt::print(stderr, "raftkv-ratios-bench: {}\n", result.error().message);
    return static_cast<int>(exit_code(result.error().kind));
}
