#include <optional>
#include <set>
#include <string>
#include <variant>

#include "cli/admin/members.hpp"
#include "cli/cluster/members_table.hpp"
#include "node/raft/membership.hpp"
#include "node/server/admin/member_request.hpp"
#include "tests/fuzz/targets.hpp"

// The first byte says what the rest is: 'e' the payload of an entry, or what a snapshot says of the
// members; 'j' what GET /members answers, and members.json is; 'o' an order, as it is in the
// request line of a POST.

namespace raftkv::fuzz {

namespace {

void check_entry(std::string_view input) {
    const std::string own(input);  // so that reading past its end is noticed
    const auto membership = raft::decode_membership(own);
    if (!membership) {
        return;
    }
    always(membership->members.size() <= raft::max_members &&
               membership->retired.size() <= raft::max_retired_folders,
           "no more than there can be");
    always(membership->voters() > 0, "somebody votes");
    std::set<NodeId> ids;
    for (const raft::Member& member : membership->members) {
        always(ids.insert(member.id).second, "ids are distinct");
        always(membership->find(member.id) == &member, "a member is found by its id");
        always(!raft::name_of(member.kind).empty(), "kinds have names");
    }
    always(raft::encode(*membership) == input, "what is understood is written as it was read");
}

void check_json(std::string_view input) {
    const std::string own(input);
    const auto view = cli::parse_members(own);
    if (!view) {
        always(!view.error().message.empty(), "an error has a text");
        return;
    }
    always(view->members.size() <= raft::max_members, "no more than a cluster can have");
    for (const cli::MemberInfo& member : view->members) {
        always(!cli::name_of(member.kind).empty(), "kinds have names");
    }
    const std::string written = cli::members_json(*view);
    const auto again = cli::parse_members(written);
    always(again.ok(), "what is written can be read");
    always(cli::members_json(*again) == written, "and is the same");
}

bool is_name(const std::string& host) {
    return !host.empty() && host.find_first_of(" \r\n\t/?&=\"'\\") == std::string::npos;
}

void check_order(std::string_view input) {
    const std::string own(input);
    const auto change = server::parse_member_request(own);
    if (!change) {
        always(change.error().kind == ErrorKind::usage, "what is wrong is how it was written");
        always(!change.error().message.empty(), "an error has a text");
        return;
    }
    const raft::MemberAddress* address = nullptr;
    if (const auto* add = std::get_if<raft::AddMember>(&*change)) address = &add->address;
    if (const auto* replace = std::get_if<raft::ReplaceMember>(&*change))
        address = &replace->add.address;
    if (const auto* move = std::get_if<raft::MoveMember>(&*change)) address = &move->address;
    if (address == nullptr) {
        return;
    }
    always(is_name(address->host) && is_name(address->admin_host), "hosts are names");
    always(address->client_port > 0 && address->log_port > 0 && address->admin_port > 0,
           "there are ports");
}

}  // namespace

void try_members(std::string_view input) {
    if (input.empty()) {
        return;
    }
    const char what = input.front();
    input.remove_prefix(1);
    if (what == 'e') {
        check_entry(input);
    } else if (what == 'j') {
        check_json(input);
    } else if (what == 'o') {
        check_order(input);
    }
}

}  // namespace raftkv::fuzz
