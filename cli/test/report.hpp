#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/error.hpp"

namespace raftkv::test {

// A number that a scenario measured.
struct Figure {
    std::string id;     // its name in JSON, with the unit last: "kill_median_ms"
    std::string title;  // its name in the table
    double value = 0;
    std::string unit;  // "ms"; empty for a plain count
};

// What became of one scenario.
struct ScenarioReport {
    std::string name;
    std::optional<Error> failure;  // nothing: passed
    double seconds = 0;
    std::vector<Figure> figures;
    std::string folder;  // where data and logs are; empty when they were removed
};

struct Report {
    std::uint64_t seed = 0;
    std::uint32_t nodes = 0;
    std::vector<ScenarioReport> scenarios;

    bool passed() const;
};

// A table for people: a block for each scenario, figures aligned.
std::string as_table(const Report& report);

// One JSON document on one line.
std::string as_json(const Report& report);

// The median and the largest, as two figures; nothing when there are no samples.
void add_distribution(std::vector<Figure>& figures, const std::string& id, const std::string& title,
                      std::vector<double> samples_ms);

}  // namespace raftkv::test
