#include "cli/bench/node_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace raftkv::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds answers_within{500};

double rate_of(std::uint64_t before, std::uint64_t after, double span) {
    // A node that was started again counts from 0.
    return after < before || span <= 0 ? 0 : static_cast<double>(after - before) / span;
}

}  // namespace

NodeUse use_between(const Look& first, const Look& last) {
    NodeUse use;
    use.answered = true;
    use.leads = last.status.role == cli::NodeRole::leader;
    use.term = last.status.term;
    use.seconds = std::chrono::duration<double>(last.at - first.at).count();
    use.cpu_cores = rate_of(first.status.cpu_us, last.status.cpu_us, use.seconds) / 1e6;
    use.memory_bytes = last.status.memory_bytes;
    use.syncs_per_second =
        rate_of(first.status.counters.fsyncs, last.status.counters.fsyncs, use.seconds);
    const double entries_per_second =
        rate_of(first.status.durable_index.value(), last.status.durable_index.value(), use.seconds);
    if (use.syncs_per_second > 0) use.entries_per_sync = entries_per_second / use.syncs_per_second;
    return use;
}

void keep_latest_leader(std::vector<NodeUse>& nodes) {
    Term latest;
    for (const NodeUse& node : nodes) {
        if (node.leads) latest = std::max(latest, node.term);
    }
    for (NodeUse& node : nodes) node.leads = node.leads && node.term == latest;
}

NodeWatch::NodeWatch(std::vector<ServerConfig> nodes, milliseconds interval)
    : nodes_(std::move(nodes)), interval_(interval), looks_(nodes_.size()) {
    thread_ = std::thread([this] {
        std::unique_lock lock(mutex_);
        do {
            lock.unlock();
            look();
            lock.lock();
        } while (!ended_.wait_for(lock, interval_, [this] { return ending_; }));
    });
}

NodeWatch::~NodeWatch() {
    end();
}

void NodeWatch::end() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    ended_.notify_all();
    thread_.join();
}

void NodeWatch::look() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        auto status = cli::fetch_status(nodes_[i].admin_host, nodes_[i].admin_port, answers_within);
        if (status) looks_[i].push_back({steady_clock::now(), std::move(*status)});
    }
}

std::vector<NodeUse> NodeWatch::use(steady_clock::time_point from, steady_clock::time_point to) {
    end();
    std::vector<NodeUse> all;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const std::vector<Look>& looks = looks_[i];
        const auto first = std::find_if(looks.begin(), looks.end(),
                                        [&](const Look& look) { return look.at >= from; });
        const auto last = std::find_if(looks.rbegin(), looks.rend(),
                                       [&](const Look& look) { return look.at <= to; });
        NodeUse use;
        const bool twice = first != looks.end() && last != looks.rend() && first->at < last->at;
        if (twice) use = use_between(*first, *last);
        const std::string_view host = nodes_[i].host;
        use.name = fmt::format("{}:{}", host, nodes_[i].client_port);
        if (!looks.empty()) use.name = fmt::format("node {}", looks.back().status.id.value());
        all.push_back(std::move(use));
    }
    keep_latest_leader(all);
    return all;
}

}  // namespace raftkv::bench
