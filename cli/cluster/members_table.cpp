#include "cli/cluster/members_table.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace raftkv::cli {

namespace {

// The words of the status, and whether the leader hears it.
std::string state_of(const MembersView& view, const MemberInfo& member, const ClusterView& nodes) {
    if (view.leader == member.where.id) return "leads";
    const NodeView* node = find_node(nodes, member.where.id);
    const bool runs = node == nullptr || (node->state == NodeState::running && !node->paused);
    const bool unseen = node != nullptr && node->state == NodeState::unknown;
    if (member.connected && (runs || unseen)) return "connected";
    if (!runs) return state_text(*node);
    return node != nullptr && node->role ? "answers" : "no answer";
}

std::string address_of(const MemberInfo& member) {
    if (member.where.host.empty()) return "unknown";
    return fmt::format("{}:{}", member.where.host, member.where.client_port);
}

}  // namespace

std::string members_table(const MembersView& view, const ClusterView& nodes) {
    std::string text = fmt::format(
        "cluster {:016x}, members as of entry {}{}, {}\n", view.cluster_id, view.index.value(),
        view.committed ? "" : " (not committed yet)",
        view.leader ? fmt::format("node {} leads", view.leader->value()) : "no leader is known");
    text += fmt::format("{:>4}  {:<8} {:<22} {:>8} {:>10}  {:<14} {:>8}\n", "NODE", "KIND",
                        "CLIENTS", "LOGPORT", "ADMINPORT", "STATE", "LAG");
    for (const MemberInfo& member : view.members) {
        text += fmt::format(
            "{:>4}  {:<8} {:<22} {:>8} {:>10}  {:<14} {:>8}{}\n", member.where.id.value(),
            name_of(member.kind), address_of(member), member.where.log_port,
            member.where.admin_port, state_of(view, member, nodes),
            member.lag ? std::to_string(*member.lag) : "-",
            member.replaces ? fmt::format("  replaces node {}", member.replaces->value()) : "");
    }
    return text;
}

std::string members_with_states(const MembersView& view, const ClusterView& nodes) {
    auto object = nlohmann::ordered_json::parse(members_json(view));
    for (auto& member : object["members"]) {
        const NodeView* node = find_node(nodes, NodeId(member["id"].get<std::uint32_t>()));
        member["state"] = node != nullptr ? state_name(*node) : name_of(NodeState::unknown);
    }
    return object.dump() + "\n";
}

}  // namespace raftkv::cli
