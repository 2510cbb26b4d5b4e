#pragma once

#include <string>
#include <utility>
#include <vector>

// The table of goals: what was promised, what was measured, and whether that will do.

namespace raftkv::benchmark {

enum class Bound { at_least, at_most, under };

struct Goal {
    std::string load;  // what is measured
    Bound bound = Bound::at_least;
    double figure = 0;
    std::string unit;          // of the figure and of what is measured; empty for a ratio
    std::string against;       // of a ratio: the rate of what it is to
    int digits = 2;            // after the point
    bool by_greatest = false;  // all have to keep the bound, not their median
};

struct Line {
    Goal goal;
    std::vector<double> samples{};  // one a round, as a rule
    std::string missing{};          // why there are none
    std::string note{};             // what else is to be known
};

enum class Verdict { met, missed, not_measured };

Verdict verdict_of(const Line& line);
std::string_view name_of(Verdict verdict);

// "at least 1.0 x Redis"
std::string goal_text(const Goal& goal);
// "0.83 (0.67 - 1.05)": the median, and between what the samples lie.
std::string measured_text(const Line& line);

// How all of it was measured.
struct Frame {
    std::string command;
    std::string started;
    std::vector<std::pair<std::string, std::string>> machine{};
    std::string hint{};  // what speaks against the figures
};

// For people; a table in Markdown, too.
std::string as_text(const Frame& frame, const std::vector<Line>& lines);
// One line.
std::string as_json(const Frame& frame, const std::vector<Line>& lines);

}  // namespace raftkv::benchmark
