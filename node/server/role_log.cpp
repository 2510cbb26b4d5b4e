#include "node/server/role_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/log.hpp"
#include "node/server/problems.hpp"

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

void RoleLog::tell_problems(const replica::Standing& before) const {
    const std::vector<Problem> known = problems_of(id_, before), present = problems_of(id_, last_);
    auto has = [](const std::vector<Problem>& problems, const Problem& problem) {
        return std::any_of(problems.begin(), problems.end(),
                           [&](const Problem& other) { return other.kind == problem.kind; });
    };
    for (const Problem& problem : present)
        if (!has(known, problem)) log::error(problem.text);
    for (const Problem& problem : known)
        if (!has(present, problem))
            log::info(fmt::format("no longer so ({}): {}", problem.kind, problem.text));
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
    tell_problems(before);
    if (now.log_has_room == before.log_has_room) return;
    if (now.log_has_room)
        log::info("the disk has room again: writes are taken");
    else
        log::error("the disk is full: writes are refused until there is room");
}

}  // namespace raftkv::server
