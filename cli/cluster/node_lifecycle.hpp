#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/cluster/child_process.hpp"
#include "cli/cluster/restart_policy.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

// What one node's process is doing and what is to be done about it: a state machine without
// processes, timers or clocks, so that every race of a command with a crash can be played in a
// test. The supervisor carries the actions out, in their order, and reports what came of them.

namespace raftkv::cli {

enum class NodeState {
    stopped,     // on purpose
    running,     // also while paused
    stopping,    // told to end, has not yet
    restarting,  // died; waits for its next start
    given_up,    // died too often, or in a way that a restart does not cure
    // Of nodes that somebody else looks after, and so of no lifecycle:
    unknown,  // it does not answer here, which says nothing
    cut_off,  // it answers, and the leader does not hear it
    removed,  // no member any more
};
std::string_view name_of(NodeState state);
std::optional<NodeState> parse_node_state(std::string_view text);

enum class NodeCommand { start, stop, kill, restart, pause, resume };
std::string_view name_of(NodeCommand command);
std::optional<NodeCommand> parse_node_command(std::string_view text);

enum class NodeAction {
    spawn,      // answer with spawned() or ended()
    terminate,  // SIGTERM; the end is reported with ended()
    kill,       // SIGKILL; likewise
    pause,      // SIGSTOP
    resume,     // SIGCONT
};
using NodeActions = std::vector<NodeAction>;

struct LifecycleOptions {
    RestartOptions restart;
    std::int64_t stop_grace_ms = 5'000;  // after that SIGTERM becomes SIGKILL
};

class NodeLifecycle {
  public:
    explicit NodeLifecycle(LifecycleOptions options = {})
        : options_(options), policy_(options.restart) {}

    // What to do for a command; nothing when the node already is as it asks. Refused with an Error
    // of kind failed where it makes no sense: to kill, pause or resume what does not run.
    Result<NodeActions> request(NodeCommand command, MonotonicMs now);

    void spawned(MonotonicMs now);
    // The process has ended, or could not be started. `chance` as for RestartPolicy.
    NodeActions ended(const ChildEnd& end, MonotonicMs now, double chance);
    NodeActions tick(MonotonicMs now);

    NodeState state() const { return state_; }
    bool paused() const { return paused_; }
    // True from spawn until ended().
    bool has_process() const { return has_process_; }
    // When tick() has something to do next.
    std::optional<MonotonicMs> next_tick() const;
    // Starts after the first.
    std::uint32_t restarts() const { return starts_ > 0 ? starts_ - 1 : 0; }
    // Deaths that nobody asked for, since the supervisor's start.
    std::uint32_t deaths() const { return deaths_; }
    const std::optional<ChildEnd>& last_end() const { return last_end_; }

  private:
    NodeActions spawn();
    NodeActions begin_stop(NodeAction how, MonotonicMs now);
    NodeActions start(MonotonicMs now);
    NodeActions stop(MonotonicMs now);
    Result<NodeActions> kill(MonotonicMs now);
    Result<NodeActions> pause(bool wanted);
    NodeActions died(const ChildEnd& end, MonotonicMs now, double chance);

    LifecycleOptions options_;
    RestartPolicy policy_;
    NodeState state_ = NodeState::stopped;
    bool has_process_ = false;  // in running and stopping, and in no other state
    bool paused_ = false;       // only while running
    bool start_again_ = false;  // only while stopping
    MonotonicMs next_;          // restarting: the start; stopping: the end of the grace
    std::uint32_t starts_ = 0;
    std::uint32_t deaths_ = 0;
    std::optional<ChildEnd> last_end_;
};

}  // namespace raftkv::cli
