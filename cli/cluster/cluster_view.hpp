#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/admin/admin_client.hpp"
#include "cli/cluster/node_lifecycle.hpp"
#include "common/faults/fault_spec.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

// The state of the cluster as the supervisor sees it: what the table shows, what `status --json`
// prints and what a rolling restart decides by.

namespace raftkv::cli {

struct NodeView {
    NodeId id;
    bool here = true;   // this supervisor runs it; otherwise it is another machine's
    bool votes = true;  // not so for a learner
    NodeState state = NodeState::stopped;
    bool paused = false;
    std::optional<int> pid;
    std::int64_t uptime_ms = 0;  // of the process; 0 without one
    std::uint32_t restarts = 0;
    std::string note;  // why it is not running: "signal 9 (SIGKILL), again in 0.4 s"

    // From the node itself; empty when it did not answer lately.
    std::optional<NodeRole> role;
    std::optional<NodeId> leader;  // whom it follows
    Term term;
    LogIndex commit;
    LogIndex applied;
    std::uint64_t keys = 0;
    std::string read_mode;
    bool distrusted = false;            // its state is the odd one out
    std::vector<std::string> problems;  // what an operator should mend, in words
    std::optional<std::uint64_t> lag;   // entries behind the leader, as the leader says
    std::optional<bool> connected;      // with the leader, as the leader says
    std::vector<FaultSpec> faults;      // in force on order; `lasts_ms` is how much longer
};

struct ClusterView {
    std::optional<int> supervisor_pid;  // nothing: no supervisor runs
    std::int64_t uptime_ms = 0;         // of the supervisor
    bool stopping = false;
    std::string data_path;
    // The leader of the highest term that answers; if none does, whom those that answer follow, and
    // that is another machine's.
    std::optional<NodeId> leader;
    Term term;                    // the highest seen
    std::vector<NodeView> nodes;  // all members
};

// Copies what the node said into its row.
void take_status(NodeView& node, const NodeStatus& status);
// Sets leader, term, lags and who is cut off. `statuses` runs parallel to the rows; empty where
// none is fresh.
void find_leader(ClusterView& view, const std::vector<std::optional<NodeStatus>>& statuses);

// "running", "paused", "cut-off": as --json says it.
std::string_view state_name(const NodeView& node);
// For people: "running", "cut off", "given up".
std::string state_text(const NodeView& node);

const NodeView* find_node(const ClusterView& view, NodeId id);

std::string to_json(const ClusterView& view);
Result<ClusterView> parse_cluster_view(std::string_view text);

// "1 ms", "2.5 s", "3m 10s", "2h 5m", "4d 1h"
std::string short_duration(std::int64_t ms);

}  // namespace raftkv::cli
