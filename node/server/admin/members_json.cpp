#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "node/server/admin/report_text.hpp"

namespace raftkv::server {
namespace {

using nlohmann::ordered_json;

// Hexadecimal, as numbers in JSON are doubles to many of its readers.
std::string hex(std::uint64_t number) {
    return fmt::format("{:016x}", number);
}

ordered_json member_json(const MemberReport& report, const replica::Status& status) {
    const raft::Member& member = report.member;
    ordered_json object = {{"id", member.id.value()}, {"kind", raft::name_of(member.kind)}};
    if (report.where) {
        object["host"] = report.where->host;
        object["client_port"] = report.where->client_port;
        object["log_port"] = report.where->log_port;
        object["admin_host"] = report.where->admin_host;
        object["admin_port"] = report.where->admin_port;
    }
    object["folder"] =
        member.folder == 0 ? ordered_json(nullptr) : ordered_json(hex(member.folder));
    // Else not the log says where it is, but this node's configuration: it may have changed.
    object["in_log"] = member.address.has_value();
    object["replaces"] = member.replaces ? ordered_json(member.replaces->value()) : nullptr;
    object["connected"] = report.connected;
    object["refused"] = report.refused ? ordered_json(*report.refused) : ordered_json(nullptr);
    for (const replica::PeerStatus& peer : status.peers) {
        if (peer.id != member.id) continue;
        object["match"] = peer.match.value();
        object["lag"] = peer.lag;
    }
    return object;
}

}  // namespace

std::string members_json(const NodeReport& report) {
    ordered_json leader = nullptr;
    if (report.replica.leader) leader = report.replica.leader->value();
    ordered_json members = ordered_json::array();
    for (const MemberReport& member : report.members.members)
        members.push_back(member_json(member, report.replica));
    const ordered_json object = {{"cluster_id", hex(report.members.cluster_id)},
                                 {"answered_by", report.replica.id.value()},
                                 {"leader", leader},
                                 {"term", report.replica.term.value()},
                                 {"index", report.members.index.value()},
                                 {"committed", report.members.committed},
                                 {"last_index", report.replica.last_index.value()},
                                 {"members", members}};
    return object.dump() + "\n";
}

}  // namespace raftkv::server
