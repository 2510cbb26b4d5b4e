#include "cli/cluster/members_table.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command_line/json_text.hpp"

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

bool votes(const MemberInfo& member) {
    return member.kind == MemberKind::voter;
}

// What one that joins waits for.
std::string catches_up(const MemberInfo& member) {
    if (!member.connected && member.refused) return "it is refused: " + *member.refused;
    if (!member.connected) return "it does not answer the leader: is it running?";
    if (member.lag.value_or(0) > 0) return fmt::format("it is {} entries behind", *member.lag);
    return "it is about to get its vote";
}

// What one that is to go waits for: a majority of those that are left has to answer.
std::string leaves(const MembersView& view, NodeId old) {
    std::size_t left = 0, answer = 0;
    std::string silent;
    for (const MemberInfo& member : view.members) {
        if (!votes(member) || member.where.id == old) continue;
        ++left;
        if (member.connected || member.where.id == view.answered_by)
            ++answer;
        else
            silent += fmt::format("{}{}", silent.empty() ? "" : ", ", member.where.id.value());
    }
    if (answer > left / 2) return fmt::format("node {} is about to be removed", old.value());
    return fmt::format(
        "without node {} no majority of the voters would answer: start {} again, or "
        "remove it",
        old.value(), silent);
}

// The two do not speak with each other at all.
std::string refusal(const MembersView& view, const MemberInfo& member) {
    if (member.connected || !member.refused) return {};
    if (member.kind == MemberKind::joining && view.is_of_leader()) return {};  // waits() says it
    return fmt::format("node {} and node {}: {}\n", member.where.id.value(),
                       view.answered_by.value(), *member.refused);
}

// A change that was begun and is not finished: why it waits, and how to give it up.
std::string waits(const MembersView& view, const MemberInfo& member) {
    const std::uint32_t id = member.where.id.value();
    const bool joins = member.kind == MemberKind::joining;
    if (!view.is_of_leader() || (!joins && !member.replaces)) return {};
    return fmt::format("node {} {}: {} (\"raftkv cluster remove {}\" gives it up)\n", id,
                       member.replaces
                           ? fmt::format("takes the place of node {}", member.replaces->value())
                           : "joins",
                       joins ? catches_up(member) : leaves(view, *member.replaces), id);
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
    for (const MemberInfo& member : view.members) text += waits(view, member);
    for (const MemberInfo& member : view.members) text += refusal(view, member);
    return text;
}

std::string members_with_states(const MembersView& view, const ClusterView& nodes) {
    auto object = nlohmann::ordered_json::parse(members_json(view));
    for (auto& member : object["members"]) {
        const NodeView* node = find_node(nodes, NodeId(member["id"].get<std::uint32_t>()));
        member["state"] = node != nullptr ? state_name(*node) : name_of(NodeState::unknown);
    }
    return json_text(object) + "\n";
}

}  // namespace raftkv::cli
