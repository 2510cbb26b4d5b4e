#include "cli/cluster/cluster_view.hpp"
#include "cli/command_line/json_text.hpp"
#include "common/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace raftkv::cli {

namespace {

// Keeps the order of the keys, which is that of importance to a reader.
using Json = nlohmann::ordered_json;

Json id_or_null(const std::optional<NodeId>& id) {
    return id ? Json(id->value()) : Json(nullptr);
}

template <class T>
Json value_or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

template <class T>
std::optional<T> optional_at(const Json& object, const char* key) {
    const Json& value = object.at(key);
    if (value.is_null()) return std::nullopt;
    return value.get<T>();
}

std::optional<NodeId> id_at(const Json& object, const char* key) {
    auto id = optional_at<std::uint32_t>(object, key);
    return id ? std::optional<NodeId>(NodeId(*id)) : std::nullopt;
}

std::optional<NodeRole> parse_role(const std::string& text) {
    for (NodeRole role :
         {NodeRole::leader, NodeRole::follower, NodeRole::candidate, NodeRole::pre_candidate}) {
        if (name_of(role) == text) return role;
    }
    return std::nullopt;
}

Json to_json_row(const NodeView& node) {
    Json row;
    row["id"] = node.id.value();
    row["here"] = node.here;
    row["votes"] = node.votes;
    row["state"] = std::string(state_name(node));
    row["role"] = node.role ? Json(std::string(name_of(*node.role))) : Json(nullptr);
    row["leader"] = id_or_null(node.leader);
    row["term"] = node.term.value();
    row["commit"] = node.commit.value();
    row["applied"] = node.applied.value();
    row["lag"] = value_or_null(node.lag);
    row["connected"] = value_or_null(node.connected);
    row["keys"] = node.keys;
    row["read_mode"] = node.read_mode;
    row["distrusted"] = node.distrusted;
    row["problems"] = node.problems;
    row["pid"] = value_or_null(node.pid);
    row["uptime_ms"] = node.uptime_ms;
    row["restarts"] = node.restarts;
    row["note"] = node.note;
    row["faults"] = Json::array();
    for (const FaultSpec& fault : node.faults) row["faults"].push_back(to_text(fault));
    return row;
}

std::vector<FaultSpec> faults_at(const Json& row) {
    std::vector<FaultSpec> faults;
    for (const Json& text : row.at("faults")) {
        auto fault = parse_fault_text(text.get<std::string>());
        if (!fault) throw std::invalid_argument(fault.error().message);
        faults.push_back(*fault);
    }
    return faults;
}

NodeView parse_row(const Json& row) {
    NodeView node;
    node.id = NodeId(row.at("id").get<std::uint32_t>());
    node.here = row.at("here").get<bool>();
    node.votes = row.at("votes").get<bool>();
    auto state = row.at("state").get<std::string>();
    node.paused = state == "paused";
    node.state =
        node.paused ? NodeState::running : parse_node_state(state).value_or(NodeState::stopped);
    if (auto role = optional_at<std::string>(row, "role")) node.role = parse_role(*role);
    node.leader = id_at(row, "leader");
    node.term = Term(row.at("term").get<std::uint64_t>());
    node.commit = LogIndex(row.at("commit").get<std::uint64_t>());
    node.applied = LogIndex(row.at("applied").get<std::uint64_t>());
    node.lag = optional_at<std::uint64_t>(row, "lag");
    if (row.contains("connected")) node.connected = optional_at<bool>(row, "connected");
    node.keys = row.at("keys").get<std::uint64_t>();
    node.read_mode = printable_line(row.value("read_mode", std::string()));
    node.distrusted = row.value("distrusted", false);
    node.problems = row.value("problems", std::vector<std::string>());
    node.pid = optional_at<int>(row, "pid");
    node.uptime_ms = row.at("uptime_ms").get<std::int64_t>();
    node.restarts = row.at("restarts").get<std::uint32_t>();
    node.note = printable_line(row.at("note").get<std::string>());
    node.faults = faults_at(row);
    return node;
}

// Of a machine whose nodes cannot be asked. One that could be, and says nothing, does not lead.
std::optional<NodeId> leader_that_is_named(const ClusterView& view) {
    for (const NodeView& node : view.nodes) {
        if (!node.role || !node.leader || node.term != view.term) continue;
        const NodeView* named = find_node(view, *node.leader);
        if (named != nullptr && named->state == NodeState::unknown) return named->id;
    }
    return std::nullopt;
}

void take_peer(NodeView& node, const PeerStatus& peer) {
    node.lag = peer.lag;
    node.connected = peer.connected;
    if (node.role && !peer.connected && node.state == NodeState::running)
        node.state = NodeState::cut_off;
}

}  // namespace

void take_status(NodeView& node, const NodeStatus& status) {
    node.role = status.role;
    node.leader = status.leader;
    node.term = status.term;
    node.commit = status.commit;
    node.applied = status.applied;
    node.keys = status.keys;
    node.read_mode = status.read_mode;
    node.distrusted = status.distrusted;
    node.problems = status.problems;
    node.faults = status.faults;
}

void find_leader(ClusterView& view, const std::vector<std::optional<NodeStatus>>& statuses) {
    const NodeStatus* leader = nullptr;
    for (const auto& status : statuses) {
        if (!status) continue;
        view.term = std::max(view.term, status->term);
        bool leads = status->role == NodeRole::leader;
        // A leader that was cut off may not know yet that a later term has another.
        if (leads && (!leader || status->term > leader->term)) leader = &*status;
    }
    if (!leader) {
        view.leader = leader_that_is_named(view);
        return;
    }
    view.leader = leader->id;
    for (NodeView& node : view.nodes) {
        for (const PeerStatus& peer : leader->peers)
            if (peer.id == node.id) take_peer(node, peer);
        if (node.id == leader->id) node.lag = 0;
    }
}

std::string_view state_name(const NodeView& node) {
    return node.paused ? "paused" : name_of(node.state);
}

std::string state_text(const NodeView& node) {
    std::string text(state_name(node));
    std::replace(text.begin(), text.end(), '-', ' ');
    return text;
}

const NodeView* find_node(const ClusterView& view, NodeId id) {
    for (const NodeView& node : view.nodes) {
        if (node.id == id) return &node;
    }
    return nullptr;
}

std::string to_json(const ClusterView& view) {
    Json object;
    object["supervisor"] = nullptr;
    if (view.supervisor_pid) {
        object["supervisor"] = {{"pid", *view.supervisor_pid},
                                {"uptime_ms", view.uptime_ms},
                                {"stopping", view.stopping}};
    }
    object["data_path"] = view.data_path;
    object["leader"] = id_or_null(view.leader);
    object["term"] = view.term.value();
    object["nodes"] = Json::array();
    for (const NodeView& node : view.nodes) object["nodes"].push_back(to_json_row(node));
    return json_text(object);
}

Result<ClusterView> parse_cluster_view(std::string_view text) {
    try {
        Json object = Json::parse(text);
        ClusterView view;
        if (const Json& supervisor = object.at("supervisor"); !supervisor.is_null()) {
            view.supervisor_pid = supervisor.at("pid").get<int>();
            view.uptime_ms = supervisor.at("uptime_ms").get<std::int64_t>();
            view.stopping = supervisor.at("stopping").get<bool>();
        }
        view.data_path = object.at("data_path").get<std::string>();
        view.leader = id_at(object, "leader");
        view.term = Term(object.at("term").get<std::uint64_t>());
        for (const Json& row : object.at("nodes")) view.nodes.push_back(parse_row(row));
        return view;
    } catch (const std::exception& error) {
        return Error{ErrorKind::failed,
                     fmt::format("not a cluster's status: {}", printable_line(error.what()))};
    }
}

std::string short_duration(std::int64_t ms) {
    if (ms < 1000) return fmt::format("{} ms", ms);
    std::int64_t seconds = ms / 1000;
    if (seconds < 60) return fmt::format("{}.{} s", seconds, ms % 1000 / 100);
    std::int64_t minutes = seconds / 60;
    if (minutes < 60) return fmt::format("{}m {}s", minutes, seconds % 60);
    std::int64_t hours = minutes / 60;
    if (hours < 24) return fmt::format("{}h {}m", hours, minutes % 60);
    return fmt::format("{}d {}h", hours / 24, hours % 24);
}

}  // namespace raftkv::cli
