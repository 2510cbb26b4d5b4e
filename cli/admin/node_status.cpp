#include <fmt/format.h>

#include <array>
#include <exception>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "cli/admin/admin_client.hpp"
#include "cli/admin/json_values.hpp"
#include "common/printable.hpp"

namespace raftkv::cli {

namespace {

using nlohmann::json;

constexpr std::array<std::pair<NodeRole, std::string_view>, 4> role_names{{
    {NodeRole::leader, "leader"},
    {NodeRole::follower, "follower"},
    {NodeRole::candidate, "candidate"},
    {NodeRole::pre_candidate, "pre-candidate"},
}};

std::uint64_t count(const json& object, const char* key) {
    auto found = object.find(key);
    return found == object.end() ? 0 : count_in(*found);
}

// A part that is an object, empty when it is left out.
json section(const json& object, const char* key) {
    auto found = object.find(key);
    if (found == object.end()) return json::object();
    if (!found->is_object()) throw std::invalid_argument(std::string(key) + " is no object");
    return *found;
}

std::optional<NodeRole> parse_role(const std::string& text) {
    for (auto [role, name] : role_names) {
        if (name == text) return role;
    }
    return std::nullopt;
}

PeerStatus parse_peer(const json& object) {
    PeerStatus peer;
    peer.id = node_id_in(object.at("id"));
    peer.connected = object.value("connected", false);
    peer.match = LogIndex(count(object, "match"));
    peer.lag = count(object, "lag");
    return peer;
}

std::optional<LogIndex> index_if_any(const json& object, const char* key) {
    auto found = object.find(key);
    if (found == object.end() || found->is_null()) return std::nullopt;
    return LogIndex(count_in(*found));
}

SnapshotStatus parse_snapshot(const json& object) {
    SnapshotStatus snapshot;
    snapshot.index = LogIndex(count(object, "index"));
    snapshot.bytes = count(object, "bytes");
    snapshot.log_bytes_since = count(object, "log_bytes_since");
    snapshot.taking = index_if_any(object, "taking");
    snapshot.incoming = index_if_any(object, "incoming");
    snapshot.kept_bytes = count(object, "kept_bytes");
    snapshot.sent = count(object, "sent");
    snapshot.installed = count(object, "installed");
    return snapshot;
}

PendingStatus parse_pending(const json& object) {
    return {count(object, "writes"), count(object, "reads"), count(object, "held"),
            count(object, "bytes")};
}

CounterStatus parse_counters(const json& object) {
    CounterStatus counters;
    counters.set = count(object, "set");
    counters.get = count(object, "get");
    counters.getm = count(object, "getm");
    counters.cas = count(object, "cas");
    counters.remove = count(object, "delete");
    counters.redirected = count(object, "redirected");
    counters.refused = count(object, "refused");
    counters.elections_started = count(object, "elections_started");
    counters.elections_won = count(object, "elections_won");
    counters.read_rounds = count(object, "read_rounds");
    counters.fsyncs = count(object, "fsyncs");
    return counters;
}

LatencyStatus parse_latency(const json& object) {
    return {count(object, "count"), object.value("mean", 0.0), object.value("p50", 0.0),
            object.value("p99", 0.0), object.value("max", 0.0)};
}

void parse_consensus(const json& object, NodeStatus& status) {
    status.id = node_id_in(object.at("id"));
    auto role = parse_role(object.at("role").get<std::string>());
    if (!role) throw std::invalid_argument("unknown role " + shown(object.at("role")));
    status.role = *role;
    status.term = Term(count_in(object.at("term")));
    if (auto leader = object.find("leader"); leader != object.end() && !leader->is_null()) {
        status.leader = node_id_in(*leader);
    }
    status.commit = LogIndex(count(object, "commit"));
    status.applied = LogIndex(count(object, "applied"));
    status.first_index = LogIndex(count(object, "first_index"));
    status.last_index = LogIndex(count(object, "last_index"));
    status.durable_index = LogIndex(count(object, "durable_index"));
    for (const json& peer : object.value("peers", json::array())) {
        status.peers.push_back(parse_peer(peer));
    }
}

void parse_process(const json& object, NodeStatus& status) {
    if (const auto cluster = object.find("cluster_id");
        cluster != object.end() && cluster->is_string())
        status.cluster = hex_in(*cluster);
    if (const auto waits = object.find("waits"); waits != object.end() && waits->is_string())
        status.waits = text_in(*waits);
    status.log_bytes = count(object, "log_bytes");
    status.log_cache_bytes = count(object, "log_cache_bytes");
    status.log_has_room = object.value("log_has_room", true);
    status.snapshot = parse_snapshot(section(object, "snapshot"));
    status.keys = count(object, "keys");
    status.store_bytes = count(object, "store_bytes");
    status.state_hash = text_in(object, "state_hash");
    status.read_mode = text_in(object, "read_mode");
    status.distrusted = object.value("distrusted", false);
    for (const json& problem : object.value("problems", json::array()))
        status.problems.push_back(text_in(problem.at("text")));
    status.state_clock = ClusterMs(object.value("state_clock_ms", std::int64_t{0}));
    status.uptime_ms = count(object, "uptime_ms");
    status.pid = static_cast<int>(count(object, "pid"));
    status.memory_bytes = count(object, "memory_bytes");
    status.cpu_us = count(object, "cpu_us");
    status.client_connections = count(object, "client_connections");
    status.pending = parse_pending(section(object, "pending"));
    status.counters = parse_counters(section(object, "counters"));
    status.fsync_us = parse_latency(section(object, "fsync_us"));
}

FaultSpec fault_in(const json& value) {
    auto fault = parse_fault_text(value.get<std::string>());
    if (!fault) throw std::invalid_argument(fault.error().message);
    return *fault;
}

}  // namespace

std::string_view name_of(NodeRole role) {
    for (auto [known, name] : role_names) {
        if (known == role) return name;
    }
    RAFTKV_CHECK(false);
}

Result<NodeStatus> parse_status(std::string_view text) {
    try {
        json object = json::parse(text);
        NodeStatus status;
        parse_consensus(object, status);
        parse_process(object, status);
        for (const json& fault : object.value("faults", json::array()))
            status.faults.push_back(fault_in(fault));
        return status;
    } catch (const std::exception& error) {
        return Error{ErrorKind::failed,
                     fmt::format("not a node's status: {}", printable_line(error.what()))};
    }
}

Result<NodeStatus> fetch_status(const std::string& host, std::uint16_t port,
                                std::chrono::milliseconds timeout) {
    constexpr std::size_t largest_status = 1 << 20;
    auto reply = http_get(host, port, "/status", timeout, largest_status);
    if (!reply) return reply.error();
    auto failed = [&](const std::string& reason) {
        return Error{ErrorKind::failed,
                     fmt::format("asking http://{}:{}/status: {}", host, port, reason)};
    };
    if (reply->code != 200) return failed(fmt::format("HTTP code {}", reply->code));
    auto status = parse_status(reply->body);
    if (!status) return failed(status.error().message);
    return status;
}

}  // namespace raftkv::cli
