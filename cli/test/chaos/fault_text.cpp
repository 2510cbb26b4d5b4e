#include "cli/test/chaos/fault_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/check.hpp"

namespace raftkv::chaos {
namespace {

// "node 2 (leader), node 3"
std::string names_of(const std::vector<NodeId>& nodes, std::optional<NodeId> leader) {
    std::string names;
    for (NodeId node : nodes) {
        names += fmt::format("{}node {}{}", names.empty() ? "" : ", ", node.value(),
                             node == leader ? " (leader)" : "");
    }
    return names.empty() ? "nobody" : names;
}

std::string percent_of(std::int64_t hundredths) {
    return fmt::format("{:g} %", static_cast<double>(hundredths) / 100);
}

std::vector<NodeId> others_than(const std::vector<NodeId>& nodes, const ClusterConfig& config) {
    std::vector<NodeId> others;
    for (const ServerConfig& server : config.servers) {
        if (std::find(nodes.begin(), nodes.end(), server.id) == nodes.end()) {
            others.push_back(server.id);
        }
    }
    return others;
}

cli::FaultPlan cut_from(const std::vector<NodeId>& speakers, const std::vector<NodeId>& hearers) {
    cli::FaultPlan plan;
    for (NodeId from : speakers) {
        for (NodeId to : hearers) {
            const cli::FaultPlan link = cli::cut_one_way(from, to);
            plan.insert(plan.end(), link.begin(), link.end());
        }
    }
    return plan;
}

// Each node by itself.
cli::FaultPlan shattered(const std::vector<NodeId>& nodes) {
    std::vector<std::vector<NodeId>> groups;
    groups.reserve(nodes.size());
    for (NodeId node : nodes) groups.push_back({node});
    return cli::partition(groups);
}

cli::FaultPlan each_of(const std::vector<NodeId>& nodes, FaultKind kind, std::int64_t amount = 0) {
    FaultSpec spec;
    spec.kind = kind;
    spec.amount = amount;
    cli::FaultPlan plan;
    for (NodeId node : nodes) plan.push_back({node, spec, false});
    return plan;
}

cli::FaultPlan plan_for(const PlannedFault& fault, const std::vector<NodeId>& nodes,
                        const ClusterConfig& config) {
    switch (fault.kind) {
        case Kind::kill:
        case Kind::kill_all:
        case Kind::pause:
        case Kind::pause_most:
        case Kind::transfer:
        case Kind::add_member:
        case Kind::add_learner:
        case Kind::remove_member:
        case Kind::replace_member:
            return {};
        case Kind::isolate:
            return cli::isolate(config, nodes.front());
        case Kind::deafen:
            return cut_from(others_than(nodes, config), nodes);
        case Kind::mute:
            return cut_from(nodes, others_than(nodes, config));
        case Kind::split:
            return cli::partition({nodes, others_than(nodes, config)});
        case Kind::bridge:
            return cli::bridge(config, nodes.front());
        case Kind::shatter:
            return shattered(nodes);
        case Kind::delay:
            return each_of(nodes, FaultKind::delay, fault.amount);
        case Kind::drop:
            return each_of(nodes, FaultKind::drop, fault.amount);
        case Kind::fill_disk:
        case Kind::fill_disks:
            return each_of(nodes, FaultKind::disk_full);
        case Kind::slow_disk:
            return each_of(nodes, FaultKind::slow_disk, fault.amount);
        case Kind::stall_disk:
            return each_of(nodes, FaultKind::stall_disk);
        case Kind::clock_jump:
            return each_of(nodes, FaultKind::clock_jump, fault.amount);
        case Kind::clock_drift:
            return each_of(nodes, FaultKind::clock_rate, fault.amount);
    }
    check_failed("known Kind", __FILE__, __LINE__);
}

}  // namespace

std::string describe(const PlannedFault& fault, const std::vector<NodeId>& nodes,
                     std::optional<NodeId> leader) {
    const std::string names = names_of(nodes, leader);
    switch (fault.kind) {
        case Kind::kill:
            return "kill " + names;
        case Kind::kill_all:
            return "kill all nodes";
        case Kind::pause:
        case Kind::pause_most:
            return "pause " + names;
        case Kind::isolate:
            return "isolate " + names;
        case Kind::deafen:
            return fmt::format("{} hears nobody", names);
        case Kind::mute:
            return fmt::format("nobody hears {}", names);
        case Kind::split:
            return fmt::format("part {} from the others", names);
        case Kind::bridge:
            return fmt::format("two halves hear each other through {} only",
                               nodes.empty() ? names : names_of({nodes.front()}, leader));
        case Kind::shatter:
            return "no node hears any other";
        case Kind::delay:
            return fmt::format("all messages take {} ms longer", fault.amount);
        case Kind::drop:
            return fmt::format("{} of all messages vanish", percent_of(fault.amount));
        case Kind::fill_disk:
            return fmt::format("the disk of {} is full", names);
        case Kind::fill_disks:
            return "all disks are full";
        case Kind::slow_disk:
            return fmt::format("syncs of {} take {} ms longer", names, fault.amount);
        case Kind::stall_disk:
            return fmt::format("no sync of {} returns", names);
        case Kind::clock_jump:
            return fmt::format("the clock of {} is wrong by {:+} ms", names, fault.amount);
        case Kind::clock_drift:
            return fmt::format("the clocks of {} are {} too {}", names,
                               percent_of(std::abs(fault.amount)),
                               fault.amount > 0 ? "fast" : "slow");
        case Kind::transfer:
            return fmt::format("leadership is handed to {}", names);
        case Kind::add_member:
            return fmt::format("{} is added", names);
        case Kind::add_learner:
            return fmt::format("{} is added as a learner, and promoted", names);
        case Kind::remove_member:
            return fmt::format("{} is removed", names);
        case Kind::replace_member:
            if (nodes.size() < 2) return fmt::format("{} is replaced", names);
            return fmt::format("{} takes the place of {}", names_of({nodes.back()}, leader),
                               names_of({nodes.front()}, leader));
    }
    check_failed("known Kind", __FILE__, __LINE__);
}

cli::FaultPlan node_faults_of(const PlannedFault& fault, const std::vector<NodeId>& nodes,
                              const ClusterConfig& config) {
    RAFTKV_CHECK(!nodes.empty());
    return cli::limited_to(plan_for(fault, nodes, config), fault.lasts.count());
}

}  // namespace raftkv::chaos
