#include "cli/test/simulation/model.hpp"

#include <algorithm>

#include "common/check.hpp"
#include "common/checksum.hpp"

namespace raftkv::simulation {

namespace {

bool is_live(const KeyState& state, ClusterMs clock) {
    return state.present && (!state.deadline || *state.deadline > clock);
}

kv::Status judge(const kv::Command& command, const KeyState* now) {
    switch (command.op) {
        case kv::CommandOp::set:
            return now ? kv::Status::exists : kv::Status::stored;
        case kv::CommandOp::cas:
            if (!now) return kv::Status::not_found;
            return now->version == command.version ? kv::Status::stored
                                                   : kv::Status::version_mismatch;
        case kv::CommandOp::del:
            return now ? kv::Status::deleted : kv::Status::not_found;
        case kv::CommandOp::tick:
            break;
    }
    return kv::Status::ticked;
}

}  // namespace

void Model::skip(LogIndex index) {
    RAFTKV_CHECK(index == last() + 1);
    clocks_.push_back(clock_at(last()));
}

void Model::apply(LogIndex index, const kv::Command& command, Micros made_at) {
    RAFTKV_CHECK(index == last() + 1);
    const ClusterMs clock = std::max(clock_at(last()), command.stamp);
    clocks_.push_back(clock);
    if (command.op == kv::CommandOp::tick) return;
    Key& key = keys_[std::string(command.key)];
    const KeyState* now =
        !key.states.empty() && is_live(key.states.back(), clock) ? &key.states.back() : nullptr;
    const kv::Status status = judge(command, now);
    const std::uint64_t fingerprint = checksum(command.value);
    key.results.push_back({index, command.op, status, fingerprint, command.version, false});
    if (status == kv::Status::deleted) {
        KeyState gone;
        gone.from = index;
        key.states.push_back(gone);
    } else if (status == kv::Status::stored) {
        std::optional<ClusterMs> deadline;
        if (command.exptime_s != 0) {
            deadline = command.stamp + std::int64_t{command.exptime_s} * 1000;
        }
        const Micros ends = made_at + Micros{command.exptime_s} * 1'000'000;
        key.states.push_back(
            {index, true, index.value(), command.exptime_s, deadline, ends, fingerprint});
    }
}

const KeyState* Model::last_state(std::string_view key, LogIndex index) const {
    const auto found = keys_.find(key);
    if (found == keys_.end()) return nullptr;
    const std::vector<KeyState>& states = found->second.states;
    const auto last = std::find_if(states.rbegin(), states.rend(),
                                   [&](const KeyState& state) { return state.from <= index; });
    return last == states.rend() ? nullptr : &*last;
}

std::optional<KeyState> Model::find(std::string_view key, LogIndex index) const {
    const KeyState* last = last_state(key, index);
    if (last == nullptr || !is_live(*last, clock_at(index))) return std::nullopt;
    return *last;
}

std::vector<std::pair<std::string, KeyState>> Model::live() const {
    std::vector<std::pair<std::string, KeyState>> all;
    for (const auto& [name, key] : keys_) {
        if (!key.states.empty() && is_live(key.states.back(), clock_at(last()))) {
            all.emplace_back(name, key.states.back());
        }
    }
    return all;
}

}  // namespace raftkv::simulation
