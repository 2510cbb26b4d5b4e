#include "node/server/moves.hpp"

#include <filesystem>
#include <system_error>

#include "node/server/member_address.hpp"

namespace raftkv::server {
namespace {

raft::MemberAddress address_in(const ServerConfig& server) {
    return {server.host, server.client_port, server.log_port, server.admin_port, server.admin_host};
}

}  // namespace

raft::Membership Moves::apply(raft::Membership members) const {
    for (const raft::MoveMember& move : left(members))
        for (raft::Member& member : members.members)
            if (member.id == move.id) member.address = move.address;
    return members;
}

std::vector<raft::MoveMember> Moves::left(const raft::Membership& members) const {
    std::vector<raft::MoveMember> left;
    if (moves_.empty()) return left;
    for (const raft::Member& member : members.members) {
        const auto known = address_of(member, config_);
        if (!known) continue;
        const ServerConfig now = moved(*known, moves_);
        if (!is_same_place(now, *known)) left.push_back({member.id, address_in(now)});
    }
    return left;
}

void Moves::forget_done(const raft::Membership& committed) {
    std::erase_if(moves_, [&](const ServerMove& move) {
        const raft::Member* member = committed.find(move.to.id);
        if (member == nullptr || member->address != address_in(move.to)) return false;
        std::error_code ignored;
        std::filesystem::remove(move_file(config_.data_path, move.to.id), ignored);
        return true;
    });
}

}  // namespace raftkv::server
