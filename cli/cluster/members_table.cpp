#include "cli/cluster/members_table.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace raftkv::cli {

namespace {

using Json = nlohmann::ordered_json;

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

std::string members_json(const MembersView& view) {
    Json members = Json::array();
    for (const MemberInfo& member : view.members) {
        Json row = {{"id", member.where.id.value()},
                    {"kind", std::string(name_of(member.kind))},
                    {"host", member.where.host},
                    {"client_port", member.where.client_port},
                    {"log_port", member.where.log_port},
                    {"admin_host", member.where.admin_host},
                    {"admin_port", member.where.admin_port},
                    {"folder", member.folder ? Json(*member.folder) : Json(nullptr)},
                    {"replaces", member.replaces ? Json(member.replaces->value()) : Json(nullptr)},
                    {"connected", member.connected},
                    {"lag", member.lag ? Json(*member.lag) : Json(nullptr)}};
        members.push_back(std::move(row));
    }
    const Json object = {{"cluster_id", fmt::format("{:016x}", view.cluster_id)},
                         {"answered_by", view.answered_by.value()},
                         {"leader", view.leader ? Json(view.leader->value()) : Json(nullptr)},
                         {"term", view.term.value()},
                         {"index", view.index.value()},
                         {"committed", view.committed},
                         {"members", std::move(members)}};
    return object.dump() + "\n";
}

}  // namespace raftkv::cli
