#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/test/chaos/report.hpp"
#include "cli/test/chaos/role_log.hpp"
#include "cli/test/chaos/schedule.hpp"
#include "cli/test/local_cluster.hpp"
#include "common/result.hpp"

namespace raftkv::chaos {

// Carries a schedule out on a cluster of processes, when it is told that the time has come. For the
// thread that the cluster belongs to.
class Injector {
  public:
    // `roles` is kept up by somebody else.
    Injector(test::LocalCluster& cluster, const RoleLog& roles, std::vector<PlannedFault> schedule,
             Instant begin);

    // When there is something to do next; nothing when all faults are over.
    std::optional<Instant> next() const;
    // Ends and begins what is due. An Error says that the machine, or the node program, cannot do
    // what it was asked for; a fault that met nobody is none.
    Result<void> advance(Instant now);
    // Ends all that is under way, and drops the rest: all nodes run, none of them with a fault.
    Result<void> heal(Instant now);

    // What is under way, for people.
    std::vector<std::string> under_way() const;
    const std::vector<FaultRecord>& records() const { return records_; }

  private:
    Result<void> begin(const PlannedFault& plan, Instant now);
    Result<void> act(FaultRecord& fault);
    Result<void> tell_nodes(FaultRecord& fault);
    void move_leadership(FaultRecord& fault) const;
    Result<void> end(FaultRecord& fault, Instant now);
    Result<void> end_due(Instant now);
    std::set<NodeId> unwell() const;

    test::LocalCluster& cluster_;
    const RoleLog& roles_;
    std::vector<PlannedFault> schedule_;
    Instant begin_;
    std::size_t begun_ = 0;             // of the schedule
    std::vector<FaultRecord> records_;  // of those begun
    std::set<std::size_t> active_;      // of the records
};

}  // namespace raftkv::chaos
