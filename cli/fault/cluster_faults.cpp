#include "cli/fault/cluster_faults.hpp"

#include <map>
#include <optional>

#include "cli/fault/node_faults.hpp"

namespace raftkv::cli {
namespace {

FaultSpec cut(FaultDirection direction, NodeId peer) {
    FaultSpec fault;
    fault.kind = FaultKind::cut;
    fault.direction = direction;
    fault.peer = peer;
    return fault;
}

void append(FaultPlan& plan, const FaultPlan& more) {
    plan.insert(plan.end(), more.begin(), more.end());
}

// What one node has to do, and whether others do the same.
struct Share {
    std::vector<FaultSpec> faults;
    bool all_have_twins = true;
};

std::map<NodeId, Share> shares_of(const FaultPlan& plan) {
    std::map<NodeId, Share> shares;
    for (const NodeFault& each : plan) {
        Share& share = shares[each.node];
        share.faults.push_back(each.fault);
        share.all_have_twins = share.all_have_twins && each.has_twin;
    }
    return shares;
}

}  // namespace

FaultPlan cut_one_way(NodeId from, NodeId to) {
    return {{from, cut(FaultDirection::to, to), true}, {to, cut(FaultDirection::from, from), true}};
}

FaultPlan cut_both_ways(NodeId one, NodeId other) {
    FaultPlan plan = cut_one_way(one, other);
    append(plan, cut_one_way(other, one));
    return plan;
}

FaultPlan isolate(const ClusterConfig& config, NodeId node) {
    FaultPlan plan;
    for (const ServerConfig& server : config.servers) {
        if (server.id != node) append(plan, cut_both_ways(node, server.id));
    }
    return plan;
}

FaultPlan partition(const std::vector<std::vector<NodeId>>& groups) {
    FaultPlan plan;
    for (std::size_t one = 0; one < groups.size(); ++one) {
        for (std::size_t other = one + 1; other < groups.size(); ++other) {
            for (NodeId here : groups[one]) {
                for (NodeId there : groups[other]) append(plan, cut_both_ways(here, there));
            }
        }
    }
    return plan;
}

FaultPlan bridge(const ClusterConfig& config, NodeId middle) {
    std::vector<std::vector<NodeId>> halves(2);
    const std::size_t half = config.servers.size() / 2;
    for (const ServerConfig& server : config.servers) {
        if (server.id == middle) continue;
        halves[halves[0].size() < half ? 0 : 1].push_back(server.id);
    }
    return partition(halves);
}

FaultPlan limited_to(FaultPlan plan, std::int64_t lasts_ms) {
    for (NodeFault& each : plan) each.fault.lasts_ms = lasts_ms;
    return plan;
}

Result<FaultPlan> apply_plan(const ClusterConfig& config, const FaultPlan& plan) {
    std::optional<Error> error, not_running;
    FaultPlan in_force;
    for (const auto& [node, share] : shares_of(plan)) {
        Result<void> applied = apply_faults(config, node, share.faults);
        if (applied) {
            for (const FaultSpec& fault : share.faults)
                in_force.push_back({node, fault, share.all_have_twins});
        } else if (applied.error().kind == ErrorKind::unavailable && share.all_have_twins) {
            not_running = applied.error();
        } else if (!error) {
            error = applied.error();
        }
    }
    if (error) return *error;
    if (in_force.empty() && not_running) return *not_running;
    return in_force;
}

Result<void> heal(const ClusterConfig& config) {
    Result<void> first_error;
    std::optional<Error> not_running;
    bool any_runs = false;
    for (const ServerConfig& server : config.servers) {
        Result<void> cleared = clear_faults(config, server.id);
        if (!cleared && cleared.error().kind == ErrorKind::unavailable) {
            not_running = cleared.error();
            continue;
        }
        any_runs = true;
        if (first_error) first_error = cleared;
    }
    if (!any_runs && not_running) return *not_running;
    return first_error;
}

}  // namespace raftkv::cli
