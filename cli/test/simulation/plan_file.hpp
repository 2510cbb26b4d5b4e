#pragma once

#include <string>
#include <string_view>

#include "cli/test/simulation/plan.hpp"
#include "common/result.hpp"

namespace raftkv::simulation {

// A plan that can be kept, read and edited: JSON, a line for each fault and operation. `invariant`
// is what it broke once, for people.
struct KeptPlan {
    Plan plan;
    std::string invariant;
};

std::string to_json(const KeptPlan& kept);
// Errors are of kind usage and say what is wrong where. A plan that is read makes sense: nodes,
// clients and keys that it names are there, and nothing is larger than a run can be.
Result<KeptPlan> parse_plan(std::string_view json);

}  // namespace raftkv::simulation
