#include "cli/test/chaos/role_log.hpp"

namespace raftkv::chaos {

void RoleLog::note(NodeId node, const std::optional<cli::NodeStatus>& status, Instant now) {
    const std::lock_guard lock(mutex_);
    std::vector<RoleSpan>& spans = spans_[node];
    RoleSpan said{now, now, std::nullopt, Term()};
    if (status) {
        said.role = status->role;
        said.term = status->term;
    }
    if (!spans.empty()) {
        spans.back().to = now;
        if (spans.back().role == said.role && spans.back().term == said.term) return;
    }
    spans.push_back(said);
}

std::optional<NodeId> RoleLog::leader() const {
    const std::lock_guard lock(mutex_);
    std::optional<NodeId> leader;
    Term newest;
    for (const auto& [node, spans] : spans_) {
        const RoleSpan& last = spans.back();
        if (last.role != cli::NodeRole::leader || last.term < newest) continue;
        leader = node;
        newest = last.term;
    }
    return leader;
}

bool RoleLog::answers(NodeId node) const {
    const std::lock_guard lock(mutex_);
    const auto spans = spans_.find(node);
    return spans != spans_.end() && spans->second.back().role.has_value();
}

std::map<NodeId, std::vector<RoleSpan>> RoleLog::spans() const {
    const std::lock_guard lock(mutex_);
    return spans_;
}

}  // namespace raftkv::chaos
