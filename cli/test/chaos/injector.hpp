#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/test/chaos/member_changes.hpp"
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
    // Ends all that is under way, and drops the rest: all members run, none of them with a fault.
    // A change of members goes on, as far as it is advanced.
    Result<void> heal(Instant now);
    // After heal(): as MemberChanges says.
    Result<std::string> settle_members() { return changes_.settle(); }

    // What is under way, for people.
    std::vector<std::string> under_way() const;
    const std::vector<FaultRecord>& records() const { return records_; }

  private:
    Result<void> begin(const PlannedFault& plan, Instant now);
    void begin_change(FaultRecord fault);
    std::vector<NodeId> choose(const PlannedFault& plan) const;
    ClusterConfig present() const;
    Result<void> act(FaultRecord& fault);
    Result<void> tell_nodes(FaultRecord& fault);
    Result<void> tell_node(NodeId node, const std::vector<FaultSpec>& faults) const;
    void move_leadership(FaultRecord& fault) const;
    Result<void> end(FaultRecord& fault, Instant now);
    Result<void> end_due(Instant now);
    std::set<NodeId> unwell() const;

    test::LocalCluster& cluster_;
    const RoleLog& roles_;
    const std::size_t least_members_;
    std::vector<PlannedFault> schedule_;
    Instant begin_;
    std::size_t begun_ = 0;             // of the schedule
    std::vector<FaultRecord> records_;  // of those begun
    std::set<std::size_t> active_;      // of the records
    MemberChanges changes_;
};

}  // namespace raftkv::chaos
