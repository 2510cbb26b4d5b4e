#include "node/server/role_log.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "common/log.hpp"

namespace raftkv::server {
namespace {

std::string describe(const replica::Standing& now) {
    if (now.role == raft::Role::leader) return "leads";
    if (now.role != raft::Role::follower) return "campaigns";
    if (now.leader) return fmt::format("follows node {}", now.leader->value());
    return "knows no leader";
}

}  // namespace

RoleLog::RoleLog(NodeId id, const replica::Standing& now) : id_(id), last_(now) {
    set_context();
}

void RoleLog::set_context() {
    log::set_context(fmt::format("node {} {} term {}:", id_.value(), raft::name_of(last_.role),
                                 last_.term.value()));
}

void RoleLog::observe(const replica::Standing& now) {
    if (now == last_) return;
    const replica::Standing before = std::exchange(last_, now);
    set_context();
    if (now.role != before.role || now.term != before.term || now.leader != before.leader)
        log::info(describe(now));
    if (now.hands_over_to && now.hands_over_to != before.hands_over_to)
        log::info(fmt::format("hands over to node {}", now.hands_over_to->value()));
    if (now.divergence && !before.divergence)
        log::error(fmt::format("after entry {} the state of this node differs from that of node {}",
                               now.divergence->index.value(), now.divergence->peer.value()));
    if (now.distrusted && !before.distrusted)
        log::error(
            "the state of this node is the odd one out: it does not lead or answer any more. "
            "Restart it, and it makes its state anew from its snapshot and log");
    if (now.log_has_room == before.log_has_room) return;
    if (now.log_has_room)
        log::info("the disk has room again: writes are taken");
    else
        log::error("the disk is full: writes are refused until there is room");
}

}  // namespace raftkv::server
