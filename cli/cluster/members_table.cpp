#include "cli/cluster/members_table.hpp"

#include <fmt/format.h>

namespace raftkv::cli {

namespace {

std::string role_of(const MembersView& view, const MemberInfo& member) {
    if (view.leader == member.where.id) return "leads";
    if (view.answered_by == member.where.id) return "answers";
    return member.connected ? "connected" : "not connected";
}

std::string address_of(const MemberInfo& member) {
    if (member.where.host.empty()) return "unknown";
    return fmt::format("{}:{}", member.where.host, member.where.client_port);
}

}  // namespace

std::string members_table(const MembersView& view) {
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
            member.where.admin_port, role_of(view, member),
            member.lag ? std::to_string(*member.lag) : "-",
            member.replaces ? fmt::format("  replaces node {}", member.replaces->value()) : "");
    }
    return text;
}

}  // namespace raftkv::cli
