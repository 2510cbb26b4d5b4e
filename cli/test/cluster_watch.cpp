#include "cli/test/cluster_watch.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace raftkv::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds note_timeout{200};
// Where processes have to wait for their turn, who answers late is there all the same.
constexpr milliseconds look_timeout{1'000};
constexpr milliseconds state_timeout{20'000};
constexpr milliseconds between_looks{5};
constexpr milliseconds between_notes{25};

std::string describe(const Statuses& statuses) {
    std::string text;
    for (const auto& [id, status] : statuses) {
        text += fmt::format("{}node {} is {} in term {}, commit {}, applied {}",
                            text.empty() ? "" : "; ", id.value(), cli::name_of(status.role),
                            status.term.value(), status.commit.value(), status.applied.value());
    }
    return text.empty() ? "no node answers" : text;
}

std::optional<NodeId> leader_of(const Statuses& statuses) {
    std::optional<NodeId> leader;
    Term newest;
    for (const auto& [id, status] : statuses) {
        if (status.role != cli::NodeRole::leader || status.term < newest) continue;
        leader = id;
        newest = status.term;
    }
    return leader;
}

bool all_agree_on(NodeId leader, const Statuses& statuses) {
    return std::all_of(statuses.begin(), statuses.end(),
                       [&](const auto& entry) { return entry.second.leader == leader; });
}

bool are_level(const Statuses& statuses) {
    const LogIndex end = statuses.begin()->second.last_index;
    return std::all_of(statuses.begin(), statuses.end(), [&](const auto& entry) {
        const cli::NodeStatus& status = entry.second;
        return status.last_index == end && status.commit == end && status.applied == end;
    });
}

}  // namespace

ClusterWatch::ClusterWatch(LocalCluster& cluster, const Interrupt& interrupt, Observer on_status)
    : cluster_(cluster), interrupt_(interrupt), on_status_(std::move(on_status)) {
    for (const ServerConfig& server : cluster.config().servers) {
        threads_.emplace_back([this, &server] { watch(server); });
    }
}

ClusterWatch::~ClusterWatch() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
}

// Runs on a thread of its own; of the cluster it uses nothing but its configuration, which never
// changes.
void ClusterWatch::watch(const ServerConfig& server) {
    while (!stopping_ && interrupt_.pause_for(between_notes)) {
        const auto status = ask(server, note_timeout);
        if (on_status_) on_status_(server.id, status);
    }
}

std::optional<cli::NodeStatus> ClusterWatch::ask(const ServerConfig& server,
                                                 milliseconds answers_within) {
    auto status = cli::fetch_status(server.admin_host, server.admin_port, answers_within);
    if (!status) return std::nullopt;
    if (status->role == cli::NodeRole::leader) {
        const std::lock_guard lock(mutex_);
        const auto complaint = ledger_.claim(status->term, status->id);
        if (complaint && !complaint_) complaint_ = complaint;
    }
    return std::move(status).value();
}

Statuses ClusterWatch::look() {
    Statuses statuses;
    for (const ServerConfig& server : cluster_.config().servers) {
        if (!cluster_.is_running(server.id) || cluster_.is_paused(server.id)) continue;
        if (auto status = ask(server, look_timeout)) statuses.emplace(server.id, *status);
    }
    return statuses;
}

Result<void> ClusterWatch::check() {
    {
        const std::lock_guard lock(mutex_);
        if (complaint_) return Error{ErrorKind::failed, *complaint_};
    }
    return cluster_.check_alive();
}

Result<void> ClusterWatch::wait_until(const std::string& what, milliseconds limit,
                                      const std::function<bool(const Statuses&)>& holds) {
    const auto deadline = steady_clock::now() + limit;
    for (;;) {
        const Statuses statuses = look();
        if (auto fine = check(); !fine) return fine;
        if (!statuses.empty() && holds(statuses)) return {};
        if (steady_clock::now() >= deadline) {
            return Error{
                ErrorKind::failed,
                fmt::format("{}: not within {:.1f} s ({})", what,
                            std::chrono::duration<double>(limit).count(), describe(statuses))};
        }
        if (auto waited = interrupt_.pause_for(between_looks); !waited) return waited;
    }
}

Result<NodeId> ClusterWatch::wait_for_leader(milliseconds limit) {
    std::optional<NodeId> leader;
    auto waited = wait_until("one leader that all nodes follow", limit, [&](const auto& statuses) {
        leader = leader_of(statuses);
        const auto awake = std::count_if(
            cluster_.config().servers.begin(), cluster_.config().servers.end(),
            [&](const auto& s) { return cluster_.is_running(s.id) && !cluster_.is_paused(s.id); });
        return leader && statuses.size() == static_cast<std::size_t>(awake) &&
               all_agree_on(*leader, statuses);
    });
    if (!waited) return waited.error();
    return *leader;
}

Result<void> ClusterWatch::wait_until_caught_up(NodeId id, milliseconds limit) {
    // What must be there is what was committed when the wait began: a goal that moves away with
    // every write would say nothing of the node.
    std::optional<LogIndex> goal;
    return wait_until(fmt::format("node {} catches up", id.value()), limit, [&](const auto& all) {
        const auto leader = leader_of(all);
        const auto node = all.find(id);
        if (!leader || node == all.end()) return false;
        if (!goal) goal = all.at(*leader).commit;
        return node->second.leader == *leader && node->second.applied >= *goal;
    });
}

Result<void> ClusterWatch::wait_until_level(milliseconds limit) {
    return wait_until("all nodes reach the same state", limit, [&](const auto& statuses) {
        return statuses.size() == cluster_.running().size() && leader_of(statuses) &&
               are_level(statuses);
    });
}

Result<StateDump> ClusterWatch::dump_state(NodeId id) {
    const ServerConfig& server = *cluster_.config().find(id);
    auto reply = cli::http_get(server.admin_host, server.admin_port, "/state", state_timeout);
    if (!reply) return reply.error();
    if (reply->code != 200) {
        return Error{ErrorKind::failed, fmt::format("node {} refused to tell its state: {} {}",
                                                    id.value(), reply->code, reply->body)};
    }
    return parse_state(id, reply->body);
}

Result<std::vector<StateDump>> ClusterWatch::dump_states(milliseconds limit) {
    const auto deadline = steady_clock::now() + limit;
    for (;;) {
        std::vector<StateDump> states;
        for (NodeId id : cluster_.running()) {
            auto state = dump_state(id);
            if (!state) return state.error();
            states.push_back(std::move(state).value());
        }
        // A key that expires in between moves the nodes on; states of different indexes cannot be
        // compared.
        const bool comparable = std::all_of(states.begin(), states.end(), [&](const auto& state) {
            return state.applied == states.front().applied;
        });
        if (comparable) return states;
        if (steady_clock::now() >= deadline) {
            return Error{ErrorKind::failed, "the nodes never had applied the same at one time"};
        }
        if (auto waited = interrupt_.pause_for(between_looks); !waited) return waited.error();
    }
}

std::size_t ClusterWatch::terms_led() const {
    const std::lock_guard lock(mutex_);
    return ledger_.terms();
}

}  // namespace raftkv::test
