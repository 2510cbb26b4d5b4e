#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "cli/admin/json_values.hpp"
#include "cli/admin/members.hpp"
#include "cli/command_line/json_text.hpp"
#include "common/check.hpp"
#include "common/printable.hpp"

namespace raftkv::cli {

namespace {

using nlohmann::json;
using Json = nlohmann::ordered_json;

std::optional<NodeId> node_if_any(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return std::nullopt;
    return node_id_in(*found);
}

std::uint16_t port_in(const json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() ? 0 : static_cast<std::uint16_t>(count_in(*found, UINT16_MAX));
}

MemberKind kind_in(const json& value) {
    const auto text = value.get<std::string>();
    for (const MemberKind kind : {MemberKind::voter, MemberKind::learner, MemberKind::joining}) {
        if (name_of(kind) == text) return kind;
    }
    throw std::invalid_argument("unknown kind " + shown(value));
}

MemberInfo parse_member(const json& object) {
    MemberInfo member;
    member.where.id = node_id_in(object.at("id"));
    member.kind = kind_in(object.at("kind"));
    member.where.host = text_in(object, "host");
    member.where.client_port = port_in(object, "client_port");
    member.where.log_port = port_in(object, "log_port");
    member.where.admin_port = port_in(object, "admin_port");
    member.where.admin_host = text_in(object, "admin_host", "localhost");
    if (const auto folder = object.find("folder"); folder != object.end() && !folder->is_null())
        member.folder = text_in(*folder);
    member.replaces = node_if_any(object, "replaces");
    member.in_log = object.value("in_log", false);
    member.connected = object.value("connected", false);
    if (const auto refused = object.find("refused"); refused != object.end() && !refused->is_null())
        member.refused = text_in(*refused);
    if (const auto lag = object.find("lag"); lag != object.end() && !lag->is_null())
        member.lag = count_in(*lag);
    return member;
}

}  // namespace

std::string_view name_of(MemberKind kind) {
    switch (kind) {
        case MemberKind::voter:
            return "voter";
        case MemberKind::learner:
            return "learner";
        case MemberKind::joining:
            return "joining";
    }
    RAFTKV_CHECK(false);
}

const MemberInfo* MembersView::find(NodeId id) const {
    const auto found = std::find_if(members.begin(), members.end(), [id](const MemberInfo& member) {
        return member.where.id == id;
    });
    return found == members.end() ? nullptr : &*found;
}

bool MembersView::confirms(NodeId id, std::optional<MemberKind> kind) const {
    if (!is_of_leader() || !committed) return false;
    const MemberInfo* member = find(id);
    return kind ? member != nullptr && member->kind == *kind : member == nullptr;
}

Result<MembersView> parse_members(std::string_view text) {
    try {
        const json object = json::parse(text);
        MembersView view;
        view.cluster_id = hex_in(object.at("cluster_id"));
        view.answered_by = node_id_in(object.at("answered_by"));
        view.leader = node_if_any(object, "leader");
        view.term = Term(count_in(object.at("term")));
        view.index = LogIndex(count_in(object.at("index")));
        view.committed = object.at("committed").get<bool>();
        for (const json& member : object.at("members")) {
            if (view.members.size() >= most_members)
                throw std::invalid_argument("too many members");
            view.members.push_back(parse_member(member));
        }
        return view;
    } catch (const std::exception& error) {
        return Error{ErrorKind::failed,
                     fmt::format("not a list of members: {}", printable_line(error.what()))};
    }
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
                    {"in_log", member.in_log},
                    {"folder", member.folder ? Json(*member.folder) : Json(nullptr)},
                    {"replaces", member.replaces ? Json(member.replaces->value()) : Json(nullptr)},
                    {"connected", member.connected},
                    {"refused", member.refused ? Json(*member.refused) : Json(nullptr)},
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
    return json_text(object) + "\n";
}

}  // namespace raftkv::cli
