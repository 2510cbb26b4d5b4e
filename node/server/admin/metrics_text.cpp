#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "node/raft/role.hpp"
#include "node/server/admin/report_text.hpp"
#include "node/server/problems.hpp"

namespace raftkv::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class Families {
  public:
    void gauge(const std::string& name, const std::string& help, double value) {
        ClientMetric metric;
        metric.gauge.value = value;
        add(name, help, MetricType::Gauge, {metric});
    }

    void counter(const std::string& name, const std::string& help, double value) {
        ClientMetric metric;
        metric.counter.value = value;
        add(name, help, MetricType::Counter, {metric});
    }

    void add(const std::string& name, const std::string& help, MetricType type,
             std::vector<ClientMetric> metrics) {
        MetricFamily family;
        family.name = "raftkv_" + name;
        family.help = help;
        family.type = type;
        family.metric = std::move(metrics);
        families_.push_back(std::move(family));
    }

    std::string text() const {
        std::ostringstream out;
        prometheus::TextSerializer().Serialize(out, families_);
        return out.str();
    }

  private:
    std::vector<MetricFamily> families_;
};

ClientMetric labelled(const std::string& label, const std::string& value) {
    ClientMetric metric;
    metric.label.push_back({label, value});
    return metric;
}

double number(auto value) {
    return static_cast<double>(value);
}

void add_problems(const replica::Status& status, Families& out) {
    const std::vector<Problem> problems = problems_of(status.id, status);
    std::vector<ClientMetric> kinds;
    for (const std::string_view kind : problem_kinds) {
        kinds.push_back(labelled("kind", std::string(kind)));
        const auto is_it = [&](const Problem& problem) { return problem.kind == kind; };
        kinds.back().gauge.value = std::any_of(problems.begin(), problems.end(), is_it) ? 1 : 0;
    }
    out.add("problem", "1 while there is something that an operator should mend.",
            MetricType::Gauge, std::move(kinds));
}

void add_belonging(const NodeReport& report, Families& out) {
    out.gauge("waits", "1 when the node belongs to no cluster, and waits; its status says why.",
              report.waits.empty() ? 0 : 1);
    out.gauge("foreign_peers", "Servers of the configuration that belong to another cluster.",
              number(report.foreigners.size()));
}

void add_consensus(const replica::Status& status, Families& out) {
    out.gauge("is_leader", "1 on the leader.", status.role == raft::Role::leader ? 1 : 0);
    out.gauge("leader_known", "1 when this node knows a leader.", status.leader ? 1 : 0);
    out.gauge("term", "The Raft term.", number(status.term.value()));
    out.gauge("commit_index", "The last committed log entry.", number(status.commit.value()));
    out.gauge("applied_index", "The last applied log entry.", number(status.applied.value()));
    out.gauge("first_index", "The first log entry that is kept.",
              number(status.first_index.value()));
    out.gauge("snapshot_index", "The last log entry in the newest snapshot.",
              number(status.snapshot.index.value()));
    out.gauge("snapshot_bytes", "Size of the newest snapshot.", number(status.snapshot.bytes));
    out.gauge("last_index", "The last log entry.", number(status.last_index.value()));
    out.gauge("distrusted", "1 when the state differs from that of a majority.",
              status.distrusted ? 1 : 0);
    out.gauge("log_has_room", "0 while the disk is full.", status.log_has_room ? 1 : 0);
    add_problems(status, out);
    std::vector<ClientMetric> lags;
    for (const replica::PeerStatus& peer : status.peers) {
        lags.push_back(labelled("peer", std::to_string(peer.id.value())));
        lags.back().gauge.value = number(peer.lag);
    }
    if (!lags.empty())
        out.add("peer_lag", "Entries that a follower lacks.", MetricType::Gauge, std::move(lags));
}

void add_counters(const replica::Counters& counters, Families& out) {
    std::vector<ClientMetric> commands;
    auto add = [&commands](const char* name, std::uint64_t count) {
        commands.push_back(labelled("command", name));
        commands.back().counter.value = number(count);
    };
    add("set", counters.set);
    add("get", counters.get);
    add("getm", counters.getm);
    add("cas", counters.cas);
    add("delete", counters.del);
    out.add("commands_total", "Commands taken.", MetricType::Counter, std::move(commands));
    out.counter("redirected_total", "Commands sent to the leader.", number(counters.redirected));
    out.counter("refused_total", "Commands answered ERR_INTERNAL.", number(counters.refused));
    out.counter("elections_started_total", "Campaigns.", number(counters.elections_started));
    out.counter("elections_won_total", "Elections won.", number(counters.elections_won));
    out.counter("read_rounds_total", "Confirmations of leadership for reads.",
                number(counters.read_rounds));
}

void add_sizes(const NodeReport& report, Families& out) {
    const replica::Status& status = report.replica;
    out.gauge("keys", "Keys in the store.", number(status.keys));
    out.gauge("store_bytes", "Bytes of the store.", number(status.store_bytes));
    out.gauge("log_bytes", "Bytes of the log on disk.", number(report.log.log_bytes));
    out.gauge("log_cache_bytes", "Log entries in memory.", number(status.log_cache_bytes));
    out.gauge("pending_bytes", "Commands taken and not answered.", number(status.pending_bytes));
    out.gauge("client_connections", "Open client connections.", number(report.client_connections));
    out.gauge("client_connections_max", "How many client connections are taken.",
              number(report.max_client_connections));
    out.counter("client_connections_turned_away_total",
                "Client connections that were one too many.", number(report.clients_turned_away));
    out.gauge("client_buffer_bytes", "Half commands, and replies that clients do not take.",
              number(report.client_buffer_bytes));
    out.gauge("resident_memory_bytes", "Memory of this process.", number(report.memory_bytes));
    out.counter("cpu_seconds_total", "Processor time of this process.",
                number(report.cpu_us) / 1e6);
    out.gauge("cluster_clock_seconds", "The cluster's clock now, by which keys end.",
              number(report.cluster_clock.value()) / 1000);
    out.gauge("uptime_seconds", "Since the start.", number(report.uptime_ms) / 1000);
}

void add_syncs(const LatencyHistogram& syncs, Families& out) {
    ClientMetric metric;
    metric.histogram.sample_count = syncs.count();
    metric.histogram.sample_sum = number(syncs.sum_us()) / 1e6;
    // One less than a power of two is a bound of the histogram: the counts are exact.
    for (std::uint64_t us = 32; us <= 4u << 20; us *= 4) {
        metric.histogram.bucket.push_back({syncs.at_most(us - 1), number(us) / 1e6});
    }
    metric.histogram.bucket.push_back({syncs.count(), std::numeric_limits<double>::infinity()});
    out.add("log_sync_seconds", "Syncs of the log.", MetricType::Histogram, {metric});
}

}  // namespace

std::string metrics_text(const NodeReport& report) {
    Families families;
    add_belonging(report, families);
    add_consensus(report.replica, families);
    add_counters(report.replica.counters, families);
    add_sizes(report, families);
    add_syncs(report.log.sync_us, families);
    return families.text();
}

}  // namespace raftkv::server
