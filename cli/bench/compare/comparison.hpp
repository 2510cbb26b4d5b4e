#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/bench/load/load.hpp"

namespace raftkv::bench {

// What the user asked for.
struct CompareSettings {
    std::vector<std::string> against{};  // names of contenders
    std::size_t rounds = 5;
    double seconds = 2;  // of each load of each contender and round
    std::size_t clients = 64;
    std::size_t pipeline = 16;  // of the pipelined loads
    std::size_t value_bytes = 64;
    std::uint32_t nodes = 3;         // of clusters
    std::uint64_t keys = 10'000;     // that are read
    std::uint64_t memory_keys = 0;   // for the memory of a key; 0: that is left out
    std::filesystem::path folder{};  // where the data goes
    std::filesystem::path raftkv = "/proc/self/exe";
    bool json = false;
};

// One load, which all contenders get.
struct Step {
    std::string name;
    Op op = Op::set;
    std::size_t clients = 1;
    std::size_t pipeline = 1;
    bool by_latency = false;  // its figure is the median latency, not the rate
};

std::vector<Step> steps_of(const CompareSettings& settings);

// What one contender did in one turn.
struct Turn {
    double per_second = 0;
    double p50_us = 0, p99_us = 0;
    double cpu_us = 0;       // of all its processes, for each operation
    double tool_cpu_us = 0;  // of this tool, likewise
};

using Figure = double Turn::*;
Figure figure_of(const Step& step);

struct Score {
    std::string contender;
    std::vector<Turn> turns{};  // one a round
};

struct Row {
    Step step;
    std::vector<Score> scores{};  // raftkv first
};

struct MemoryScore {
    std::string contender;
    double bytes_per_key = 0;  // over key and value, of the process that uses most
};

struct Comparison {
    CompareSettings settings{};
    std::string command;
    std::string started;
    std::vector<std::pair<std::string, std::string>> machine{};
    std::vector<std::pair<std::string, std::string>> contenders{};  // name, what it is
    std::vector<std::string> missing{};                             // not installed
    std::string hint;
    double sync_us = 0;   // one small write and its fdatasync
    double syncs_us = 0;  // as many of them at the same time as there are nodes: each
    std::vector<Row> rows{};
    std::vector<MemoryScore> memory{};
};

// The figure of `one` over that of `other` in each round; both have as many turns. Without the
// rounds in which that of `other` is 0.
std::vector<double> ratios_of(Figure figure, const Score& one, const Score& other);

// The median of the rounds, and between what they lie.
struct Ratio {
    double median = 0, lowest = 0, highest = 0;
};
Ratio ratio_of(const Step& step, const Score& one, const Score& other);

std::string as_text(const Comparison& comparison);
// One line.
std::string as_json(const Comparison& comparison);

}  // namespace raftkv::bench
