#include "cli/cluster/view_of_now.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "cli/admin/known_members.hpp"

namespace raftkv::cli {

namespace {

NodeView& row_for(ClusterView& view, const ServerConfig& server) {
    const auto found = std::find_if(view.nodes.begin(), view.nodes.end(),
                                    [&](const NodeView& row) { return row.id == server.id; });
    if (found != view.nodes.end()) return *found;
    NodeView& row = view.nodes.emplace_back();
    row.id = server.id;
    row.here = false;
    row.state = NodeState::unknown;
    return row;
}

// What the node said some time ago is not how it is.
void forget_status(NodeView& row) {
    NodeView bare;
    bare.id = row.id;
    bare.here = row.here;
    bare.votes = row.votes;
    bare.state = row.state;
    bare.paused = row.paused;
    bare.pid = row.pid;
    bare.uptime_ms = row.uptime_ms;
    bare.restarts = row.restarts;
    bare.note = std::move(row.note);
    row = std::move(bare);
}

// While a node of this machine is down or starts, somebody else may answer on its port.
bool is_its_own(const NodeView& row, const NodeStatus& status) {
    return !row.here || (row.pid == status.pid && !row.paused);
}

void take_answer(NodeView& row, const NodeAnswer& answer) {
    row.votes = answer.where.votes;
    if (answer.status && is_its_own(row, *answer.status)) {
        const NodeStatus& status = *answer.status;
        take_status(row, status);
        if (row.note.starts_with("waits: ")) row.note.clear();
        if (!status.waits.empty()) row.note = "waits: " + status.waits;
        if (row.here) return;
        row.state = NodeState::running;
        row.pid = status.pid;
        row.uptime_ms = static_cast<std::int64_t>(status.uptime_ms);
    } else if (!row.here) {
        const bool down = answer.silence == Silence::not_listening;
        row.state = down ? NodeState::stopped : NodeState::unknown;
        row.note = answer.reason;
    }
}

// What the supervisor still has, and the cluster no longer; not one that waits to be added.
void mark_removed(ClusterView& view, const MembersView& members) {
    for (NodeView& row : view.nodes) {
        const bool waits = row.here && row.note.starts_with("waits: ");
        if (!waits && members.confirms(row.id, std::nullopt)) row.state = NodeState::removed;
    }
}

}  // namespace

ClusterView combine(ClusterView view, const std::optional<MembersView>& members,
                    const std::vector<NodeAnswer>& answers) {
    view.leader.reset();
    for (NodeView& row : view.nodes) {
        forget_status(row);
        if (row.state == NodeState::cut_off) row.state = NodeState::running;
    }
    for (const NodeAnswer& answer : answers) take_answer(row_for(view, answer.where), answer);
    if (members) mark_removed(view, *members);
    std::vector<std::optional<NodeStatus>> statuses;
    for (const NodeView& row : view.nodes) {
        const auto found =
            std::find_if(answers.begin(), answers.end(),
                         [&](const NodeAnswer& answer) { return answer.where.id == row.id; });
        const bool counts = found != answers.end() && found->status && row.role;
        statuses.push_back(counts ? found->status : std::nullopt);
    }
    find_leader(view, statuses);
    return view;
}

Result<ClusterView> view_of_now(const ClusterConfig& config, const Result<ClusterView>& supervised,
                                std::chrono::milliseconds timeout) {
    const ClusterConfig known = with_known_servers(config);
    ClusterConfig all = config;
    all.servers.insert(all.servers.end(), known.servers.begin(), known.servers.end());
    const auto members = find_members(all);
    const ClusterConfig now = members ? with_members(config, *members) : known;
    const auto answers = ask_nodes(now, timeout);
    const bool any = std::any_of(answers.begin(), answers.end(), [](const NodeAnswer& answer) {
        return answer.status.has_value();
    });
    if (!supervised && !any) return supervised.error();
    ClusterView view;
    view.data_path = config.data_path.string();
    return combine(supervised ? *supervised : std::move(view),
                   members ? std::optional(*members) : std::nullopt, answers);
}

}  // namespace raftkv::cli
