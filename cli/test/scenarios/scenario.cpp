#include "cli/test/scenarios/scenario.hpp"

namespace raftkv::test {

const std::vector<Scenario>& scenarios() {
    static const std::vector<Scenario> table = {
        {"election", election_ticks, run_election},
        {"replication", replication_ticks, run_replication},
        {"stress", stress_ticks, run_stress},
    };
    return table;
}

}  // namespace raftkv::test
