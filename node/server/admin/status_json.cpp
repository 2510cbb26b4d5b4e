#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "node/raft/role.hpp"
#include "node/server/admin/report_text.hpp"
#include "node/server/problems.hpp"

namespace raftkv::server {
namespace {

using nlohmann::ordered_json;

ordered_json peers_of(const replica::Status& status) {
    ordered_json peers = ordered_json::array();
    for (const replica::PeerStatus& peer : status.peers) {
        peers.push_back({{"id", peer.id.value()},
                         {"connected", peer.connected},
                         {"match", peer.match.value()},
                         {"lag", peer.lag}});
    }
    return peers;
}

ordered_json pending_of(const replica::Status& status) {
    return {{"writes", status.pending_writes},
            {"reads", status.pending_reads},
            {"held", status.held},
            {"bytes", status.pending_bytes}};
}

ordered_json counters_of(const NodeReport& report) {
    const replica::Counters& counters = report.replica.counters;
    return {{"set", counters.set},
            {"get", counters.get},
            {"getm", counters.getm},
            {"cas", counters.cas},
            {"delete", counters.del},
            {"redirected", counters.redirected},
            {"refused", counters.refused},
            {"elections_started", counters.elections_started},
            {"elections_won", counters.elections_won},
            {"read_rounds", counters.read_rounds},
            {"fsyncs", report.log.sync_us.count()}};
}

ordered_json latency_of(const LatencyHistogram& us) {
    return {{"count", us.count()},
            {"mean", us.mean_us()},
            {"p50", us.percentile_us(0.5)},
            {"p99", us.percentile_us(0.99)},
            {"max", us.max_us()}};
}

ordered_json faults_of(const NodeReport& report) {
    ordered_json faults = ordered_json::array();
    for (const FaultSpec& fault : report.faults) faults.push_back(to_text(fault));
    return faults;
}

ordered_json problems_in(const replica::Status& status) {
    ordered_json problems = ordered_json::array();
    for (const Problem& problem : problems_of(status.id, status))
        problems.push_back({{"kind", problem.kind}, {"text", problem.text}});
    return problems;
}

ordered_json index_or_null(std::optional<LogIndex> index) {
    if (!index) return nullptr;
    return index->value();
}

ordered_json divergence_of(const std::optional<replica::Divergence>& divergence) {
    if (!divergence) return nullptr;
    return {{"index", divergence->index.value()},
            {"ours", fmt::format("{:016x}", divergence->ours)},
            {"peer", divergence->peer.value()},
            {"theirs", fmt::format("{:016x}", divergence->theirs)}};
}

ordered_json snapshot_of(const NodeReport& report) {
    const replica::SnapshotStatus& snapshot = report.replica.snapshot;
    const SnapshotFailures& failures = report.snapshot_failures;
    return {{"index", snapshot.index.value()},
            {"bytes", snapshot.bytes},
            {"log_bytes_since", snapshot.log_bytes},
            {"taking", index_or_null(snapshot.taking)},
            {"incoming", index_or_null(snapshot.incoming)},
            {"kept_bytes", snapshot.kept_bytes},
            {"sent", snapshot.sent},
            {"installed", snapshot.installed},
            {"failures", failures.count},
            {"last_failure", failures.count == 0 ? ordered_json() : ordered_json(failures.last)}};
}

ordered_json cluster_of(const NodeReport& report) {
    if (report.members.cluster_id == 0) return nullptr;
    return fmt::format("{:016x}", report.members.cluster_id);
}

ordered_json waits_of(const NodeReport& report) {
    if (report.waits.empty()) return nullptr;
    return report.waits;
}

ordered_json foreigners_of(const NodeReport& report) {
    ordered_json foreigners = ordered_json::array();
    for (const auto& [peer, cluster] : report.foreigners)
        foreigners.push_back({{"id", peer.value()}, {"cluster", fmt::format("{:016x}", cluster)}});
    return foreigners;
}

}  // namespace

std::string status_json(const NodeReport& report) {
    const replica::Status& status = report.replica;
    ordered_json leader = nullptr;
    if (status.leader) leader = status.leader->value();
    ordered_json json = {{"id", status.id.value()},
                         {"cluster_id", cluster_of(report)},
                         {"waits", waits_of(report)},
                         {"foreigners", foreigners_of(report)},
                         {"role", raft::name_of(status.role)},
                         {"term", status.term.value()},
                         {"leader", leader},
                         {"commit", status.commit.value()},
                         {"applied", status.applied.value()},
                         {"first_index", status.first_index.value()},
                         {"last_index", status.last_index.value()},
                         {"durable_index", status.durable_index.value()},
                         {"peers", peers_of(status)},
                         {"log_bytes", report.log.log_bytes},
                         {"log_cache_bytes", status.log_cache_bytes},
                         {"log_has_room", status.log_has_room},
                         {"snapshot", snapshot_of(report)},
                         {"keys", status.keys},
                         {"store_bytes", status.store_bytes},
                         {"state_hash", fmt::format("{:016x}", status.state.hash)},
                         {"state_hash_index", status.state.index.value()},
                         {"read_mode", status.read_lease_ms > 0 ? "lease" : "read-index"},
                         {"divergence", divergence_of(status.divergence)},
                         {"distrusted", status.distrusted},
                         {"problems", problems_in(status)},
                         {"state_clock_ms", report.state_clock.value()},
                         {"cluster_clock_ms", report.cluster_clock.value()},
                         {"uptime_ms", report.uptime_ms},
                         {"pid", report.pid},
                         {"memory_bytes", report.memory_bytes},
                         {"cpu_us", report.cpu_us},
                         {"client_connections", report.client_connections},
                         {"max_client_connections", report.max_client_connections},
                         {"clients_turned_away", report.clients_turned_away},
                         {"client_buffer_bytes", report.client_buffer_bytes},
                         {"pending", pending_of(status)},
                         {"counters", counters_of(report)},
                         {"fsync_us", latency_of(report.log.sync_us)}};
    if (!report.faults.empty()) json["faults"] = faults_of(report);
    // What failed names files, whose names may be any bytes.
    return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace raftkv::server
