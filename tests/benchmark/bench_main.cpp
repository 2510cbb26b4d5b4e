// raftkv-bench: compares a raftkv cluster of three with one Redis on this machine.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "tests/benchmark/failover.hpp"
#include "tests/benchmark/measurements.hpp"
#include "tests/benchmark/report.hpp"

namespace {

using namespace raftkv;
using namespace raftkv::benchmark;

struct Arguments {
    Plan plan;
    bool json = false;
    bool no_speed = false, no_memory = false, no_failover = false;
};

void declare(CLI::App& app, Arguments& arguments) {
    Plan& plan = arguments.plan;
    app.add_option("--raftkv", plan.raftkv, "the program")->required();
    app.add_option("--folder", plan.folder, "where the data goes: on the disk to be measured")
        ->required();
    app.add_option("--rounds", plan.rounds)->capture_default_str();
    app.add_option("--seconds", plan.seconds, "for each measurement of a round")
        ->capture_default_str();
    app.add_option("--value-bytes", plan.value_bytes)->capture_default_str();
    app.add_option("--keys", plan.memory_keys, "for the memory of a key")->capture_default_str();
    app.add_option("--failover-rounds", plan.failover_rounds)->capture_default_str();
    app.add_flag("--no-speed", arguments.no_speed);
    app.add_flag("--no-memory", arguments.no_memory);
    app.add_flag("--no-failover", arguments.no_failover);
    app.add_flag("--json", arguments.json, "the result as JSON on stdout");
}

Result<void> measure(const Arguments& arguments, Report& report) {
    const Plan& plan = arguments.plan;
    Result<double> sync = measure_sync_us(plan);
    if (!sync) {
        return sync.error();
    }
    report.sync_us = *sync;
    if (!arguments.no_speed) {
        Result<std::vector<Comparison>> speed = measure_speed(plan);
        if (!speed) {
            return speed.error();
        }
        report.speed = std::move(*speed);
    }
    if (!arguments.no_memory) {
        plan.progress(fmt::format("memory: writing {} keys to both", plan.memory_keys));
        Result<Memory> memory = measure_memory(plan);
        if (!memory) {
            return memory.error();
        }
        report.memory = *memory;
    }
    if (!arguments.no_failover) {
        plan.progress(fmt::format("failover: killing {} leaders", plan.failover_rounds));
        Result<Failover> failover = measure_failover(plan);
        if (!failover) {
            return failover.error();
        }
        report.failover = *failover;
    }
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Compares three raftkv nodes with one Redis, each write synced to disk.");
    Arguments arguments;
    declare(app, arguments);
    CLI11_PARSE(app, argc, argv);
    auto start = std::chrono::steady_clock::now();
    arguments.plan.progress = [start](const std::string& line) {
        std::chrono::duration<double> since = std::chrono::steady_clock::now() - start;
        fmt::print(stderr, "[{:5.1f} s] {}\n", since.count(), line);
    };
    arguments.plan.folder = std::filesystem::absolute(arguments.plan.folder);
    arguments.plan.raftkv = std::filesystem::absolute(arguments.plan.raftkv);
    std::error_code error;
    std::filesystem::create_directories(arguments.plan.folder, error);

    Report report;
    if (auto measured = measure(arguments, report); !measured) {
        fmt::print(stderr, "raftkv-bench: {}\n", measured.error().message);
        return static_cast<int>(exit_code(measured.error().kind));
    }
    fmt::print("{}", arguments.json ? to_json(report) : to_table(report));
    return 0;
}
