#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "node/server/report_text.hpp"

namespace raftkv::server {
namespace {

using nlohmann::ordered_json;

// Hexadecimal, as numbers in JSON are doubles to many of its readers.
std::string hex(std::uint64_t number) {
    return fmt::format("{:016x}", number);
}

ordered_json member_json(const MemberReport& report, const replica::Status& status) {
    const raft::Member& member = report.member;
    ordered_json json = {{"id", member.id.value()}, {"kind", raft::name_of(member.kind)}};
    if (report.where) {
        json["host"] = report.where->host;
        json["client_port"] = report.where->client_port;
        json["log_port"] = report.where->log_port;
        json["admin_host"] = report.where->admin_host;
        json["admin_port"] = report.where->admin_port;
    }
    json["folder"] = member.folder == 0 ? ordered_json(nullptr) : ordered_json(hex(member.folder));
    json["replaces"] = member.replaces ? ordered_json(member.replaces->value()) : nullptr;
    json["connected"] = report.connected;
    for (const replica::PeerStatus& peer : status.peers) {
        if (peer.id != member.id) continue;
        json["match"] = peer.match.value();
        json["lag"] = peer.lag;
    }
    return json;
}

}  // namespace

std::string members_json(const NodeReport& report) {
    ordered_json leader = nullptr;
    if (report.replica.leader) leader = report.replica.leader->value();
    ordered_json members = ordered_json::array();
    for (const MemberReport& member : report.members.members)
        members.push_back(member_json(member, report.replica));
    const ordered_json json = {{"cluster_id", hex(report.members.cluster_id)},
                               {"answered_by", report.replica.id.value()},
                               {"leader", leader},
                               {"term", report.replica.term.value()},
                               {"index", report.members.index.value()},
                               {"committed", report.members.committed},
                               {"last_index", report.replica.last_index.value()},
                               {"members", members}};
    return json.dump() + "\n";
}

}  // namespace raftkv::server
