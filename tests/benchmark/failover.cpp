#include "tests/benchmark/failover.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/cluster/child_process.hpp"

namespace raftkv::benchmark {

namespace {

// The last line that is JSON: progress is in the same file.
nlohmann::ordered_json last_json_line(const std::filesystem::path& file) {
    std::ifstream in(file);
    nlohmann::ordered_json json;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with('{')) {
            json = nlohmann::ordered_json::parse(line, nullptr, false);
        }
    }
    return json;
}

}  // namespace

Result<Failover> measure_failover(const Plan& plan) {
    cli::ChildSpec spec;
    spec.program = plan.raftkv;
    spec.arguments = {"test",  "election", "--nodes",
                      "3",     "--rounds", std::to_string(plan.failover_rounds),
                      "--json"};
    spec.output_file = plan.folder / "failover.log";
    std::filesystem::remove(spec.output_file);
    Result<cli::ChildProcess> process = cli::ChildProcess::start(spec);
    if (!process) {
        return process.error();
    }
    auto limit = std::chrono::seconds(60 + 10 * plan.failover_rounds);
    std::optional<cli::ChildEnd> end = process->wait_for(limit);
    if (!end || end->signalled || end->code != 0) {
        return Error{ErrorKind::failed,
                     fmt::format("raftkv {}: {}; see {}", fmt::join(spec.arguments, " "),
                                 end ? cli::describe(*end) : "did not end in time",
                                 spec.output_file.string())};
    }
    Failover failover;
    failover.command = fmt::format("raftkv {}", fmt::join(spec.arguments, " "));
    nlohmann::ordered_json json = last_json_line(spec.output_file);
    if (!json.is_object() || !json.contains("scenarios")) {
        return Error{ErrorKind::failed, "no result in " + spec.output_file.string()};
    }
    for (const auto& scenario : json["scenarios"]) {
        for (const auto& [name, value] : scenario["figures"].items()) {
            failover.figures.emplace_back(name, value.get<double>());
        }
    }
    return failover;
}

}  // namespace raftkv::benchmark
