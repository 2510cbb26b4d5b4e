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
    if (now.leader) return fmt::format("follows node {}", now.leader->value());
    return "knows no leader";
}

bool knows_leader(const replica::Standing& now) {
    return now.role == raft::Role::leader || now.leader.has_value();
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

void RoleLog::observe(const replica::Standing& standing, MonotonicMs now) {
    // Most turns.
    if (standing == last_ && (pause_ms_ == 0 || now < silent_until_)) return;
    const replica::Standing before = std::exchange(last_, standing);
    if (standing.role != before.role || standing.term != before.term) set_context();
    tell_role(before, now);
    tell_the_rest(before);
}

void RoleLog::tell_role(const replica::Standing& before, MonotonicMs now) {
    constexpr std::int64_t first_pause_ms = 1'000;
    constexpr std::int64_t max_pause_ms = 60'000;
    if (knows_leader(last_)) {
        pause_ms_ = 0;
        const bool changed =
            last_.role != before.role || last_.term != before.term || last_.leader != before.leader;
        if (changed) log::info(describe(last_));
        return;
    }
    if (pause_ms_ == 0) {
        without_leader_since_ = now;
        pause_ms_ = first_pause_ms;
        silent_until_ = now + first_pause_ms;
        log::info(describe(last_));
    } else if (now >= silent_until_) {
        log::warn(
            fmt::format("has known no leader for {} s: too few nodes answer, or they do not "
                        "agree on one",
                        (now - without_leader_since_) / 1000));
        pause_ms_ = std::min(2 * pause_ms_, max_pause_ms);
        silent_until_ = now + pause_ms_;
    }
}

void RoleLog::tell_the_rest(const replica::Standing& before) const {
    const replica::Standing& now = last_;
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
