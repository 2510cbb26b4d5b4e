#include "cli/cluster/node_lifecycle.hpp"

#include <array>
#include <utility>

namespace raftkv::cli {

namespace {

constexpr std::array<std::pair<NodeState, std::string_view>, 8> states{{
    {NodeState::stopped, "stopped"},
    {NodeState::running, "running"},
    {NodeState::stopping, "stopping"},
    {NodeState::restarting, "restarting"},
    {NodeState::given_up, "given-up"},
    {NodeState::unknown, "unknown"},
    {NodeState::cut_off, "cut-off"},
    {NodeState::removed, "removed"},
}};

constexpr std::array<std::pair<NodeCommand, std::string_view>, 6> commands{{
    {NodeCommand::start, "start"},
    {NodeCommand::stop, "stop"},
    {NodeCommand::kill, "kill"},
    {NodeCommand::restart, "restart"},
    {NodeCommand::pause, "pause"},
    {NodeCommand::resume, "resume"},
}};

template <class Table, class Key>
std::string_view name_in(const Table& table, Key key) {
    for (auto [known, name] : table) {
        if (known == key) return name;
    }
    RAFTKV_CHECK(false);
}

template <class Key, class Table>
std::optional<Key> find_in(const Table& table, std::string_view text) {
    for (auto [known, name] : table) {
        if (name == text) return known;
    }
    return std::nullopt;
}

Error not_running() {
    return Error{ErrorKind::failed, "it does not run"};
}

// Wrong configuration and damaged data are as wrong at the next start.
bool restart_is_useless(const ChildEnd& end) {
    return !end.signalled && (end.code == static_cast<int>(ExitCode::usage) ||
                              end.code == static_cast<int>(ExitCode::corrupt));
}

}  // namespace

std::string_view name_of(NodeState state) {
    return name_in(states, state);
}
std::optional<NodeState> parse_node_state(std::string_view text) {
    return find_in<NodeState>(states, text);
}

std::string_view name_of(NodeCommand command) {
    return name_in(commands, command);
}
std::optional<NodeCommand> parse_node_command(std::string_view text) {
    return find_in<NodeCommand>(commands, text);
}

Result<NodeActions> NodeLifecycle::request(NodeCommand command, MonotonicMs now) {
    switch (command) {
        case NodeCommand::start:
            return start(now);
        case NodeCommand::stop:
            return stop(now);
        case NodeCommand::kill:
            return kill(now);
        case NodeCommand::restart: {
            if (!has_process_) return start(now);
            NodeActions actions = stop(now);
            start_again_ = true;
            policy_.forgive();
            return actions;
        }
        case NodeCommand::pause:
            return pause(true);
        case NodeCommand::resume:
            return pause(false);
    }
    RAFTKV_CHECK(false);
}

NodeActions NodeLifecycle::start(MonotonicMs) {
    policy_.forgive();
    if (state_ == NodeState::running) return {};
    if (state_ == NodeState::stopping) {
        start_again_ = true;
        return {};
    }
    return spawn();
}

NodeActions NodeLifecycle::stop(MonotonicMs now) {
    if (state_ == NodeState::running) return begin_stop(NodeAction::terminate, now);
    if (state_ == NodeState::stopping) {
        start_again_ = false;
        return {};
    }
    state_ = NodeState::stopped;
    return {};
}

Result<NodeActions> NodeLifecycle::kill(MonotonicMs now) {
    if (has_process_) return begin_stop(NodeAction::kill, now);
    // One that is about to be started again must stay down all the same.
    if (state_ == NodeState::restarting) {
        state_ = NodeState::stopped;
        return NodeActions{};
    }
    return not_running();
}

Result<NodeActions> NodeLifecycle::pause(bool wanted) {
    if (state_ != NodeState::running) return not_running();
    if (paused_ == wanted) return NodeActions{};
    paused_ = wanted;
    return NodeActions{wanted ? NodeAction::pause : NodeAction::resume};
}

NodeActions NodeLifecycle::begin_stop(NodeAction how, MonotonicMs now) {
    NodeActions actions{how};
    // A paused process sees SIGTERM only when it goes on.
    if (paused_ && how == NodeAction::terminate) actions.push_back(NodeAction::resume);
    state_ = NodeState::stopping;
    paused_ = false;
    start_again_ = false;
    next_ = now + options_.stop_grace_ms;
    return actions;
}

NodeActions NodeLifecycle::spawn() {
    RAFTKV_CHECK(!has_process_);
    has_process_ = true;
    state_ = NodeState::running;
    ++starts_;
    return {NodeAction::spawn};
}

void NodeLifecycle::spawned(MonotonicMs now) {
    policy_.started(now);
}

NodeActions NodeLifecycle::ended(const ChildEnd& end, MonotonicMs now, double chance) {
    RAFTKV_CHECK(has_process_);
    has_process_ = false;
    paused_ = false;
    last_end_ = end;
    if (state_ != NodeState::stopping) return died(end, now, chance);
    if (std::exchange(start_again_, false)) return spawn();
    state_ = NodeState::stopped;
    return {};
}

NodeActions NodeLifecycle::died(const ChildEnd& end, MonotonicMs now, double chance) {
    ++deaths_;
    RestartDecision decision = policy_.died(now, chance);
    if (decision.give_up || restart_is_useless(end)) {
        state_ = NodeState::given_up;
        return {};
    }
    state_ = NodeState::restarting;
    next_ = decision.restart_at;
    return {};
}

NodeActions NodeLifecycle::tick(MonotonicMs now) {
    auto due = next_tick();
    if (!due || now < *due) return {};
    if (state_ == NodeState::restarting) return spawn();
    next_ = now + options_.stop_grace_ms;
    return {NodeAction::kill};
}

std::optional<MonotonicMs> NodeLifecycle::next_tick() const {
    if (state_ == NodeState::restarting || state_ == NodeState::stopping) return next_;
    return std::nullopt;
}

}  // namespace raftkv::cli
