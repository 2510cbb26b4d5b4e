#include "cli/cluster/rolling_restart.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace raftkv::cli {

namespace {

// A follower further behind than this many entries would hold up the next commits if it were
// needed for the majority.
constexpr std::uint64_t keeps_up_within = 10'000;

bool takes_part(const ClusterView& view, const NodeView& node) {
    if (!view.leader || node.paused || node.state == NodeState::cut_off) return false;
    if (node.id == *view.leader) return true;
    const bool keeps_up = node.lag.value_or(0) <= keeps_up_within;
    // Where it cannot be asked itself, the leader knows.
    if (!node.role) return node.state == NodeState::unknown && node.connected == true && keeps_up;
    return node.leader == view.leader && keeps_up;
}

std::string why_not(const NodeView& node) {
    if (node.state == NodeState::running && !node.paused)
        return node.role ? "it does not follow the leader, or is far behind" : "no answer";
    return state_text(node);
}

}  // namespace

std::vector<NodeId> restart_order(const ClusterView& view) {
    std::vector<NodeId> order;
    for (const NodeView& node : view.nodes) {
        if (node.here) order.push_back(node.id);
    }
    std::stable_partition(order.begin(), order.end(), [&](NodeId id) { return view.leader != id; });
    return order;
}

Result<void> can_spare(const ClusterView& view, NodeId id) {
    if (!view.leader) {
        return Error{ErrorKind::unavailable, "there is no leader, so no quorum to keep"};
    }
    const NodeView* going = find_node(view, id);
    if (going && !going->votes) return {};
    std::size_t voters = 0;
    std::size_t left = 0;
    std::vector<std::string> missing;
    for (const NodeView& node : view.nodes) {
        if (!node.votes) continue;
        ++voters;
        if (node.id == id) continue;
        if (takes_part(view, node)) {
            ++left;
        } else {
            missing.push_back(fmt::format("node {} ({})", node.id.value(), why_not(node)));
        }
    }
    std::size_t majority = voters / 2 + 1;
    if (left >= majority) return {};
    std::string who =
        missing.empty() ? "" : fmt::format("; not taking part now: {}", fmt::join(missing, ", "));
    return Error{
        ErrorKind::unavailable,
        fmt::format("without node {} only {} of {} that vote would be left, and {} are a quorum{}",
                    id.value(), left, voters, majority, who)};
}

bool is_back(const ClusterView& view, NodeId id, LogIndex committed_before) {
    const NodeView* node = find_node(view, id);
    return node && takes_part(view, *node) && node->applied >= committed_before;
}

std::string waiting_for(const ClusterView& view, NodeId id, LogIndex committed_before) {
    const NodeView* node = find_node(view, id);
    if (!node || !node->role) return "it does not answer yet";
    if (!view.leader) return "there is no leader";
    if (node->applied < committed_before) {
        return fmt::format("it has to catch up with {} entries",
                           committed_before.value() - node->applied.value());
    }
    return fmt::format("it does not follow node {} yet", view.leader->value());
}

}  // namespace raftkv::cli
