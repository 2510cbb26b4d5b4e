#include "cli/test/chaos/injector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/admin/transfer.hpp"
#include "cli/fault/cluster_faults.hpp"
#include "cli/fault/node_faults.hpp"
#include "cli/test/chaos/fault_text.hpp"
#include "common/check.hpp"

namespace raftkv::chaos {

using std::chrono::steady_clock;

Injector::Injector(test::LocalCluster& cluster, const RoleLog& roles,
                   std::vector<PlannedFault> schedule, Instant begin)
    : cluster_(cluster),
      roles_(roles),
      least_members_(cluster.first().size()),
      schedule_(std::move(schedule)),
      begin_(begin),
      changes_(cluster) {}

std::optional<Instant> Injector::next() const {
    std::optional<Instant> next;
    const auto take = [&](Instant instant) { next = next ? std::min(*next, instant) : instant; };
    if (begun_ < schedule_.size()) take(begin_ + schedule_[begun_].at);
    for (std::size_t number : active_) {
        const FaultRecord& fault = records_[number];
        if (!changes_members(fault.plan.kind)) take(fault.from + fault.plan.lasts);
    }
    return next;
}

Result<void> Injector::advance(Instant now) {
    if (auto looked = changes_.look(); !looked) return looked;
    if (auto ended = end_due(now); !ended) return ended;
    while (begun_ < schedule_.size() && begin_ + schedule_[begun_].at <= now) {
        if (auto done = begin(schedule_[begun_++], now); !done) return done;
    }
    return {};
}

Result<void> Injector::end_due(Instant now) {
    for (auto at = active_.begin(); at != active_.end();) {
        FaultRecord& fault = records_[*at];
        const bool due = changes_members(fault.plan.kind) ? !changes_.under_way()
                                                          : fault.from + fault.plan.lasts <= now;
        if (due) {
            if (auto ended = end(fault, now); !ended) return ended;
        }
        at = due ? active_.erase(at) : std::next(at);
    }
    return {};
}

Result<void> Injector::begin(const PlannedFault& plan, Instant now) {
    const auto leader = roles_.leader();
    FaultRecord fault;
    fault.plan = plan;
    fault.from = fault.to = now;
    fault.nodes = choose(plan);
    fault.text = describe(plan, fault.nodes, leader);
    if (changes_members(plan.kind)) {
        begin_change(std::move(fault));
        return {};
    }
    if (fault.nodes.empty()) {
        fault.problem = "no node was well enough";
        records_.push_back(std::move(fault));
        return {};
    }
    auto done = act(fault);
    records_.push_back(std::move(fault));
    active_.insert(records_.size() - 1);
    return done;
}

std::vector<NodeId> Injector::choose(const PlannedFault& plan) const {
    const auto leader = roles_.leader();
    if (changes_members(plan.kind))
        return choose_members(plan, leader, changes_.roster(), least_members_);
    // What is done to all is done to those that run.
    if (traits_of(plan.kind).reach == Reach::all) return cluster_.running();
    std::set<NodeId> left_out = unwell();
    if (plan.kind == Kind::transfer && leader) left_out.insert(*leader);
    std::vector<NodeId> nodes = choose_nodes(plan, leader, left_out);
    if (plan.kind == Kind::bridge && !nodes.empty()) nodes.resize(1);
    return nodes;
}

void Injector::begin_change(FaultRecord fault) {
    if (changes_.under_way()) {
        fault.problem = "the change before it is still under way";
    } else if (fault.nodes.empty()) {
        fault.problem = "the cluster would be too small or too large";
    } else {
        changes_.begin(fault.plan.kind, fault.nodes);
        active_.insert(records_.size());
    }
    records_.push_back(std::move(fault));
}

// The configuration of those who belong to the cluster.
ClusterConfig Injector::present() const {
    ClusterConfig config = cluster_.config();
    std::erase_if(config.servers, [&](const ServerConfig& server) {
        return changes_.roster().members.count(server.id) == 0;
    });
    return config;
}

Result<void> Injector::act(FaultRecord& fault) {
    switch (fault.plan.kind) {
        case Kind::kill:
            for (NodeId node : fault.nodes) cluster_.kill(node);
            return {};
        case Kind::kill_all:
            cluster_.kill_all();
            return {};
        case Kind::pause:
        case Kind::pause_most:
            for (NodeId node : fault.nodes) cluster_.pause(node);
            return {};
        case Kind::transfer:
            move_leadership(fault);
            return {};
        default:
            return tell_nodes(fault);
    }
}

// Amid other faults a leader may well refuse, or not be there.
void Injector::move_leadership(FaultRecord& fault) const {
    constexpr Millis answers_within{1'000};
    const auto leader = roles_.leader();
    if (!leader) {
        fault.problem = "nobody leads";
        return;
    }
    const auto moved =
        cli::order_transfer(*cluster_.config().find(*leader), fault.nodes.front(), answers_within);
    if (!moved) fault.problem = moved.error().message;
}

Result<void> Injector::tell_node(NodeId node, const std::vector<FaultSpec>& faults) const {
    // Who is behind does not know yet who has joined, and would hear of no fault after that one.
    const bool knows_all = cluster_.spares().empty();
    if (knows_all) return cli::apply_faults(cluster_.config(), node, faults);
    for (const FaultSpec& fault : faults) {
        auto told = cli::apply_fault(cluster_.config(), node, fault);
        const bool stranger = !told && fault.peer && told.error().kind == ErrorKind::usage;
        if (!told && !stranger) return told;
    }
    return {};
}

Result<void> Injector::tell_nodes(FaultRecord& fault) {
    std::map<NodeId, std::vector<FaultSpec>> shares;
    for (const cli::NodeFault& each : node_faults_of(fault.plan, fault.nodes, present())) {
        shares[each.node].push_back(each.fault);
    }
    for (const auto& [node, faults] : shares) {
        // The other end of its links does the same, and its own disk and clock are not chosen.
        if (!cluster_.is_running(node) || cluster_.is_paused(node)) continue;
        auto told = tell_node(node, faults);
        if (told) continue;
        // One that is still starting is not there to be told, or not yet wholly.
        if (roles_.answers(node) && told.error().kind != ErrorKind::unavailable) return told;
        fault.problem = told.error().message;
    }
    return {};
}

Result<void> Injector::end(FaultRecord& fault, Instant now) {
    fault.to = now;
    if (changes_members(fault.plan.kind)) fault.problem = changes_.problem();
    switch (fault.plan.kind) {
        case Kind::kill:
        case Kind::kill_all:
            for (NodeId node : fault.nodes) {
                if (cluster_.is_running(node)) continue;
                if (auto started = cluster_.start(node); !started) return started;
            }
            return {};
        case Kind::pause:
        case Kind::pause_most:
            for (NodeId node : fault.nodes) {
                if (cluster_.is_paused(node)) cluster_.resume(node);
            }
            return {};
        default:
            return {};  // nodes end these themselves
    }
}

Result<void> Injector::heal(Instant now) {
    begun_ = schedule_.size();
    for (std::size_t number : active_) {
        if (changes_members(records_[number].plan.kind)) continue;
        if (auto ended = end(records_[number], now); !ended) return ended;
    }
    std::erase_if(active_,
                  [&](std::size_t number) { return !changes_members(records_[number].plan.kind); });
    const bool told = std::any_of(records_.begin(), records_.end(), [](const FaultRecord& fault) {
        return needs_control_socket(traits_of(fault.plan.kind).family);
    });
    if (!told) return {};
    auto healed = cli::heal(cluster_.config());
    // All of them may be starting just now: then they have no faults.
    if (!healed && healed.error().kind == ErrorKind::unavailable) return {};
    return healed;
}

std::set<NodeId> Injector::unwell() const {
    std::set<NodeId> unwell;
    for (const ServerConfig& server : cluster_.config().servers) {
        if (!roles_.answers(server.id) || !cluster_.is_running(server.id)) unwell.insert(server.id);
    }
    for (std::size_t number : active_) {
        const FaultRecord& fault = records_[number];
        if (!traits_of(fault.plan.kind).disables) continue;
        unwell.insert(fault.nodes.begin(), fault.nodes.end());
    }
    return unwell;
}

std::vector<std::string> Injector::under_way() const {
    std::vector<std::string> texts;
    for (std::size_t number : active_) texts.push_back(records_[number].text);
    return texts;
}

}  // namespace raftkv::chaos
