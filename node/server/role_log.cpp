#include "node/server/role_log.hpp"

#include <fmt/format.h>

#include <string>

#include "common/log.hpp"

namespace raftkv::server {
namespace {

std::string describe(const replica::Status& status) {
    if (status.role == raft::Role::leader) return "leads";
    if (status.role != raft::Role::follower) return "campaigns";
    if (status.leader) return fmt::format("follows node {}", status.leader->value());
    return "knows no leader";
}

}  // namespace

RoleLog::RoleLog(NodeId id) : id_(id) {
    set_context();
}

void RoleLog::set_context() {
    log::set_context(
        fmt::format("node {} {} term {}:", id_.value(), raft::name_of(role_), term_.value()));
}

void RoleLog::observe(const replica::Status& status) {
    if (status.role != role_ || status.term != term_ || status.leader != leader_) {
        role_ = status.role;
        term_ = status.term;
        leader_ = status.leader;
        set_context();
        log::info(describe(status));
    }
    if (status.log_has_room != has_room_) {
        has_room_ = status.log_has_room;
        if (has_room_)
            log::info("the disk has room again: writes are taken");
        else
            log::error("the disk is full: writes are refused until there is room");
    }
}

}  // namespace raftkv::server
