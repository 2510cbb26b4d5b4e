#include "cli/cluster/operations.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>
#include <vector>

#include "cli/cluster/monotonic.hpp"
#include "cli/cluster/rolling_restart.hpp"

namespace raftkv::cli {

namespace {

namespace asio = boost::asio;
using Client = std::shared_ptr<ControlSession>;
using Condition = std::function<bool()>;
using Text = std::function<std::string()>;
template <class T>
using Task = asio::awaitable<T>;

constexpr std::int64_t leader_within_ms = 5'000;
constexpr std::int64_t end_within_ms = 15'000;  // more than the grace after which it is killed
constexpr std::int64_t answer_within_ms = 10'000;
constexpr std::int64_t spare_within_ms = 5'000;
constexpr std::int64_t back_within_ms = 120'000;
constexpr std::int64_t progress_every_ms = 2'000;

bool will_not_come(const NodeView& node) {
    return node.state == NodeState::given_up || node.state == NodeState::stopped;
}

void say(const Client& client, const std::string& text) {
    client->send(ControlReply{ControlReply::Kind::progress, text});
}

}  // namespace

struct Operations::Impl {
    Impl(asio::io_context& io, Fleet& nodes, EventLog& log)
        : context(io), fleet(nodes), events(log) {}

    // Waits until `condition` holds: looking often is simple, and cheap beside what it waits for.
    // False when it does not in time. `waiting` is told to the client now and then.
    Task<bool> until(Condition condition, std::int64_t within_ms, Client client, Text waiting) {
        constexpr std::chrono::milliseconds pace{20};
        MonotonicMs start = monotonic_now();
        std::int64_t told_ms = 0;
        asio::steady_timer timer(context);
        while (!condition()) {
            std::int64_t passed_ms = monotonic_now() - start;
            if (passed_ms >= within_ms) co_return false;
            if (client && passed_ms - told_ms >= progress_every_ms) {
                told_ms = passed_ms;
                say(client, fmt::format("still waiting after {}: {}", short_duration(passed_ms),
                                        waiting()));
            }
            timer.expires_after(pace);
            co_await timer.async_wait(asio::use_awaitable);
        }
        co_return true;
    }

    Task<void> run(Client client, ControlRequest request) {
        std::vector<NodeId> nodes;
        Result<void> found = co_await find_nodes(client, request, nodes);
        Result<std::string> outcome{std::string()};
        if (!found) {
            outcome = found.error();
        } else if (request.command == NodeCommand::restart) {
            outcome = co_await roll(client, nodes, request.force);
        } else {
            outcome = co_await command(client, nodes.front(), request);
        }
        client->send(outcome ? ControlReply{ControlReply::Kind::done, *outcome}
                             : failed_reply(outcome.error()));
    }

    Task<Result<void>> find_nodes(Client client, ControlRequest request,
                                  std::vector<NodeId>& nodes) {
        if (request.target.kind == ControlTarget::Kind::one) {
            nodes.push_back(request.target.id);
            co_return Result<void>();
        }
        if (request.target.kind == ControlTarget::Kind::all) {
            if (request.command != NodeCommand::restart) {
                co_return Error{ErrorKind::usage, "only restart takes all nodes at once"};
            }
            for (NodeId id : restart_order(fleet.view())) {
                if (find_node(fleet.view(), id)->state != NodeState::stopped) nodes.push_back(id);
            }
            if (nodes.empty()) co_return Error{ErrorKind::failed, "no node runs"};
            co_return Result<void>();
        }
        Condition known = [this] { return fleet.view().leader.has_value(); };
        Text waiting = [] { return "there is no leader"; };
        bool there_is_one = co_await until(known, leader_within_ms, client, waiting);
        if (!there_is_one) {
            co_return Error{ErrorKind::unavailable,
                            fmt::format("no leader within {}; \"raftkv cluster status\" shows "
                                        "which nodes answer",
                                        short_duration(leader_within_ms))};
        }
        nodes.push_back(*fleet.view().leader);
        co_return Result<void>();
    }

    NodeView row(NodeId id) const {
        ClusterView view = fleet.view();
        const NodeView* found = find_node(view, id);
        return found ? *found : NodeView{};
    }

    Task<Result<std::string>> command(Client client, NodeId id, ControlRequest request) {
        const NodeCommand command = request.command;
        NodeView before = row(id);
        bool costs_quorum = false;
        if (command == NodeCommand::stop && before.pid) costs_quorum = co_await has_quorum(client);
        if (costs_quorum && !request.force) {
            Result<void> spare = co_await wait_until_spare(client, id, "stopped");
            if (!spare) co_return spare.error();
        }
        const Result<void> spare = can_spare(fleet.view(), id);
        if (costs_quorum && !spare) client->send(warning(spare.error().message));
        Result<void> accepted = fleet.request(id, command);
        if (!accepted) co_return accepted.error();
        switch (command) {
            case NodeCommand::pause:
                co_return fmt::format("node {} is paused (pid {})", id.value(), *before.pid);
            case NodeCommand::resume:
                co_return fmt::format("node {} goes on (pid {})", id.value(), *before.pid);
            case NodeCommand::start:
                if (before.pid && before.state == NodeState::running) {
                    co_return fmt::format("node {} already runs (pid {})", id.value(), *before.pid);
                }
                co_return co_await wait_for_start(client, id);
            default:
                co_return co_await wait_for_end(client, before, command);
        }
    }

    static ControlReply warning(const std::string& what) {
        return {ControlReply::Kind::progress,
                "warning: " + what + ", so nothing is written any more until one is back"};
    }

    Task<Result<std::string>> wait_for_end(Client client, NodeView before, NodeCommand command) {
        std::uint32_t id = before.id.value();
        if (!before.pid) co_return fmt::format("node {} was not running, and stays down", id);
        Condition ended = [this, before] { return !fleet.has_process(before.id); };
        Text waiting = [id] { return fmt::format("node {} ends", id); };
        bool has_ended = co_await until(ended, end_within_ms, client, waiting);
        if (!has_ended) {
            co_return Error{ErrorKind::failed,
                            fmt::format("node {} (pid {}) does not end", id, *before.pid)};
        }
        co_return fmt::format("node {} (pid {}) {}; \"raftkv cluster start {}\" brings it back", id,
                              *before.pid,
                              command == NodeCommand::kill ? "was killed" : "has stopped", id);
    }

    Task<Result<std::string>> wait_for_start(Client client, NodeId id) {
        Condition settled = [this, id] {
            NodeView node = row(id);
            return node.role.has_value() || node.state == NodeState::restarting ||
                   node.state == NodeState::given_up || node.state == NodeState::stopped;
        };
        Text waiting = [] { return "it does not answer yet"; };
        bool in_time = co_await until(settled, answer_within_ms, client, waiting);
        NodeView node = row(id);
        if (!in_time || !node.role) {
            std::string why = node.note.empty() ? "it does not answer" : node.note;
            co_return Error{ErrorKind::failed,
                            fmt::format("node {} did not start: {}; \"raftkv cluster logs {}\" "
                                        "may tell more",
                                        id.value(), why, id.value())};
        }
        co_return fmt::format("node {} runs (pid {}), {} in term {}", id.value(),
                              node.pid.value_or(0), name_of(*node.role), node.term.value());
    }

    Task<Result<std::string>> roll(Client client, std::vector<NodeId> nodes, bool force) {
        if (std::exchange(rolling, true)) {
            co_return Error{ErrorKind::failed, "another restart is under way; try again after it"};
        }
        std::vector<std::uint32_t> done;
        Result<void> result;
        while (!nodes.empty() && result) {
            NodeId next = next_of(nodes);
            std::erase(nodes, next);
            result = co_await restart_one(client, next, force);
            if (result) done.push_back(next.value());
        }
        rolling = false;
        if (result) {
            co_return fmt::format("restarted node{} {}{}", done.size() > 1 ? "s" : "",
                                  fmt::join(done, ", "),
                                  force ? "" : "; the cluster kept its quorum");
        }
        if (done.empty()) co_return result.error();
        co_return Error{result.error().kind,
                        fmt::format("{} (restarted before that: {})", result.error().message,
                                    fmt::join(done, ", "))};
    }

    // The leader may have moved meanwhile; it is the last all the same.
    NodeId next_of(const std::vector<NodeId>& left) const {
        for (NodeId id : restart_order(fleet.view())) {
            if (std::find(left.begin(), left.end(), id) != left.end()) return id;
        }
        return left.front();
    }

    Task<Result<void>> restart_one(Client client, NodeId id, bool force) {
        if (shutting_down) co_return Error{ErrorKind::failed, "the cluster is being stopped"};
        if (!client->is_open()) {
            events.record("the restart ends here: whoever asked for it has gone");
            co_return Error{ErrorKind::interrupted, "nobody waits for it"};
        }
        if (!fleet.has_process(id)) {
            Result<void> started = fleet.request(id, NodeCommand::start);
            if (!started) co_return started;
            Result<std::string> outcome = co_await wait_for_start(client, id);
            co_return outcome ? Result<void>() : Result<void>(outcome.error());
        }
        if (!force) {
            Result<void> spare = co_await wait_until_spare(client, id, "restarted");
            if (!spare) co_return spare;
        }
        co_return co_await cycle(client, id, force);
    }

    // Without a leader there is nothing to lose; but there may be one again in a moment.
    Task<bool> has_quorum(Client client) {
        constexpr std::int64_t elected_within_ms = 1000;
        Condition led = [this] { return fleet.view().leader.has_value(); };
        Text waiting = [] { return "there is no leader"; };
        co_return co_await until(led, elected_within_ms, client, waiting);
    }

    Task<Result<void>> wait_until_spare(Client client, NodeId id, std::string what) {
        Condition spare = [this, id] { return can_spare(fleet.view(), id).ok(); };
        Text waiting = [this, id] {
            Result<void> now = can_spare(fleet.view(), id);
            return now ? std::string() : now.error().message;
        };
        bool in_time = co_await until(spare, spare_within_ms, client, waiting);
        if (in_time) co_return Result<void>();
        Result<void> now = can_spare(fleet.view(), id);
        if (now) co_return now;
        co_return Error{now.error().kind,
                        fmt::format("node {} is not {}: {}. Start what is missing, or give "
                                    "--force",
                                    id.value(), what, now.error().message)};
    }

    Task<Result<void>> cycle(Client client, NodeId id, bool force) {
        MonotonicMs start = monotonic_now();
        ClusterView before = fleet.view();
        std::optional<int> old_pid = row(id).pid;
        LogIndex committed;
        for (const NodeView& node : before.nodes) committed = std::max(committed, node.commit);
        say(client, fmt::format("node {}: restarting (pid {})", id.value(), old_pid.value_or(0)));
        Result<void> accepted = fleet.request(id, NodeCommand::restart);
        if (!accepted) co_return accepted;

        Condition back = [this, id, old_pid, committed, force] {
            NodeView node = row(id);
            if (will_not_come(node)) return true;
            if (!node.pid || node.pid == old_pid) return false;
            return force ? node.role.has_value() : is_back(fleet.view(), id, committed);
        };
        Text waiting = [this, id, committed] { return waiting_for(fleet.view(), id, committed); };
        bool in_time = co_await until(back, back_within_ms, client, waiting);
        NodeView node = row(id);
        if (!in_time || will_not_come(node)) {
            std::string why = node.note.empty() ? waiting() : node.note;
            co_return Error{ErrorKind::failed,
                            fmt::format("node {} did not come back: {}", id.value(), why)};
        }
        say(client, fmt::format("node {}: back after {} (pid {})", id.value(),
                                short_duration(monotonic_now() - start), node.pid.value_or(0)));
        co_return Result<void>();
    }

    Task<void> stop_all() {
        std::optional<NodeId> leader = fleet.view().leader;
        for (const NodeView& node : fleet.view().nodes) {
            if (node.here && node.id != leader)
                (void)fleet.request(node.id, NodeCommand::stop).ok();
        }
        Condition others_ended = [this, leader] {
            ClusterView view = fleet.view();
            return std::none_of(view.nodes.begin(), view.nodes.end(), [&](const NodeView& node) {
                return node.id != leader && fleet.has_process(node.id);
            });
        };
        Text nothing = [] { return std::string(); };
        Client nobody;
        co_await until(others_ended, end_within_ms, nobody, nothing);
        if (leader) (void)fleet.request(*leader, NodeCommand::stop).ok();
        Condition all_ended = [this] { return !fleet.has_processes(); };
        bool clean = co_await until(all_ended, end_within_ms, nobody, nothing);
        if (!clean) fleet.kill_all();
        events.record("the cluster has stopped");
        for (auto& done : std::exchange(when_down, {})) done();
    }

    asio::io_context& context;
    Fleet& fleet;
    EventLog& events;
    bool rolling = false;
    bool shutting_down = false;
    std::vector<std::function<void()>> when_down;
};

Operations::Operations(asio::io_context& context, Fleet& fleet, EventLog& events)
    : impl_(std::make_unique<Impl>(context, fleet, events)) {}

Operations::~Operations() = default;

void Operations::begin(Client client, const ControlRequest& request) {
    if (impl_->shutting_down) {
        return client->send(failed_reply(Error{ErrorKind::failed, "the cluster is being stopped"}));
    }
    asio::co_spawn(impl_->context, impl_->run(std::move(client), request), asio::detached);
}

void Operations::shut_down(std::function<void()> done) {
    impl_->when_down.push_back(std::move(done));
    if (std::exchange(impl_->shutting_down, true)) return;
    impl_->events.record("stopping the cluster");
    asio::co_spawn(impl_->context, impl_->stop_all(), asio::detached);
}

bool Operations::is_shutting_down() const {
    return impl_->shutting_down;
}

}  // namespace raftkv::cli
