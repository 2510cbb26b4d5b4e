#pragma once

#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "tests/benchmark/goals/bed.hpp"
#include "tests/benchmark/goals/table.hpp"

namespace raftkv::benchmark {

// Goals that are measured together.
struct Row {
    std::string_view name;   // as --rows has it
    std::string_view about;  // one line of the help
    std::vector<Goal> (*goals)();
    // `lines` are those goals; puts in what was measured, or what is missing for that.
    Result<void> (*measure)(const Bed& bed, std::vector<Line>& lines);
};

// In the order in which they are measured.
const std::vector<Row>& rows();

std::vector<Goal> rival_goals();
Result<void> measure_rivals(const Bed& bed, std::vector<Line>& lines);
std::vector<Goal> node_goals();
Result<void> measure_nodes(const Bed& bed, std::vector<Line>& lines);
std::vector<Goal> large_value_goals();
Result<void> measure_large_values(const Bed& bed, std::vector<Line>& lines);
std::vector<Goal> million_key_goals();
Result<void> measure_million_keys(const Bed& bed, std::vector<Line>& lines);
std::vector<Goal> connection_goals();
Result<void> measure_connections(const Bed& bed, std::vector<Line>& lines);
std::vector<Goal> many_key_goals();
Result<void> measure_many_keys(const Bed& bed, std::vector<Line>& lines);
std::vector<Goal> leader_goals();
Result<void> measure_leader(const Bed& bed, std::vector<Line>& lines);
std::vector<Goal> tail_goals();
Result<void> measure_tail(const Bed& bed, std::vector<Line>& lines);
std::vector<Goal> mixed_goals();
Result<void> measure_mixed(const Bed& bed, std::vector<Line>& lines);
std::vector<Goal> expiry_goals();
Result<void> measure_expiry(const Bed& bed, std::vector<Line>& lines);

}  // namespace raftkv::benchmark
