#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "node/replica/status.hpp"

namespace raftkv::server {

// Something that only an operator can mend, or ought to know of: it stands in the log, in /status
// and /metrics, and /healthz is not 200 meanwhile.
struct Problem {
    std::string_view kind;  // a word for metrics
    std::string text;       // what, why, and what to do
};

constexpr std::string_view problem_kinds[] = {"diverged", "contradiction", "lost_tail",
                                              "unreadable_snapshot"};

std::vector<Problem> problems_of(NodeId id, const replica::Standing& standing);

}  // namespace raftkv::server
