#include "cli/test/scenarios/scenario.hpp"

namespace raftkv::test {

const std::vector<Scenario>& scenarios() {
    static const std::vector<Scenario> table = {
        {"election", "Leaders are killed and paused; a majority elects, and fewer never do",
         election_ticks, run_election},
        {"replication", "Empty, late and killed nodes come back with everything", replication_ticks,
         run_replication},
        {"stress", "Clients do all commands while leaders are killed and paused", stress_ticks,
         run_stress},
        {"transfer", "Leadership moves while clients write, by order and when leaders end",
         transfer_ticks, run_transfer},
        {"membership", "Nodes come, go and take each other's place while clients write",
         membership_ticks, run_membership, false, 4},
        {"snapshot", "Logs end in snapshots, which take their place and go to who was away",
         snapshot_ticks, run_snapshot, true},
    };
    return table;
}

}  // namespace raftkv::test
