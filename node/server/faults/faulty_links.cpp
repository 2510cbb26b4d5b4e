#include "node/server/faults/faulty_links.hpp"

#include <algorithm>
#include <variant>

namespace raftkv::server {
namespace {

constexpr std::uint64_t whole = 10'000;

bool concerns_links(const FaultSpec& fault) {
    return fault.kind == FaultKind::cut || fault.kind == FaultKind::delay ||
           fault.kind == FaultKind::drop;
}

// What a waiting message holds in memory, about.
std::size_t bytes_of(const raft::Message& message) {
    std::size_t bytes = sizeof(raft::Message);
    if (const auto* append = std::get_if<raft::AppendRequest>(&message.body)) {
        for (const raft::Entry& entry : append->entries)
            bytes += sizeof(entry) + entry.payload.size();
    }
    return bytes;
}

}  // namespace

void FaultyLinks::obey(const std::vector<FaultSpec>& faults) {
    rules_.clear();
    std::copy_if(faults.begin(), faults.end(), std::back_inserter(rules_), concerns_links);
    for (auto& [peer, connection] : connections_) settle(peer, connection);
}

void FaultyLinks::advance() {
    MonotonicMs now = clock_.monotonic();
    for (auto& [way, lane] : lanes_) {
        // Looked up anew: what waits when the fault is lifted need not wait any longer, and what
        // waits when the link is cut does not arrive.
        Trouble trouble = trouble_of(way);
        while (!lane.waiting.empty() && now - lane.waiting.front().since >= trouble.delay_ms) {
            Waiting first = std::move(lane.waiting.front());
            lane.waiting.pop_front();
            lane.bytes -= first.bytes;
            --waiting_;
            if (!trouble.cut) hand_over(way, std::move(first.message));
        }
    }
}

void FaultyLinks::send(NodeId to, const raft::Message& message) {
    // Nearly always; then the message is not copied.
    if (rules_.empty() && waiting_ == 0) return network_->send(to, message);
    pass({FaultDirection::to, to}, message);
}

void FaultyLinks::on_message(NodeId from, raft::Message message) {
    pass({FaultDirection::from, from}, std::move(message));
}

void FaultyLinks::on_peer_connected(NodeId peer) {
    Connection& connection = connections_[peer];
    connection.actual = true;
    settle(peer, connection);
}

void FaultyLinks::on_peer_disconnected(NodeId peer) {
    Connection& connection = connections_[peer];
    connection.actual = false;
    connection.broke = connection.told;
    settle(peer, connection);
}

void FaultyLinks::on_peer_folder(NodeId peer, std::uint64_t folder) {
    events_->on_peer_folder(peer, folder);
}

void FaultyLinks::on_hello(const wire::Hello& hello) {
    events_->on_hello(hello);
}

void FaultyLinks::on_refused(NodeId peer, const wire::Refusal& refusal) {
    events_->on_refused(peer, refusal);
}

FaultyLinks::Trouble FaultyLinks::trouble_of(Way way) const {
    Trouble trouble;
    for (const FaultSpec& rule : rules_) {
        if (rule.direction != way.first || (rule.peer && *rule.peer != way.second)) continue;
        if (rule.kind == FaultKind::cut) trouble.cut = true;
        if (rule.kind == FaultKind::delay)
            trouble.delay_ms = std::max(trouble.delay_ms, rule.amount);
        if (rule.kind == FaultKind::drop) trouble.drop = std::max(trouble.drop, rule.amount);
    }
    return trouble;
}

void FaultyLinks::pass(Way way, raft::Message message) {
    Trouble trouble = trouble_of(way);
    if (trouble.cut) return;
    if (trouble.drop > 0 && random_() % whole < static_cast<std::uint64_t>(trouble.drop)) return;
    Lane& lane = lanes_[way];
    if (trouble.delay_ms == 0 && lane.waiting.empty()) return hand_over(way, std::move(message));
    std::size_t bytes = bytes_of(message);
    if (lane.bytes + bytes > most_waiting_bytes) return;
    lane.bytes += bytes;
    ++waiting_;
    lane.waiting.push_back({clock_.monotonic(), bytes, std::move(message)});
}

void FaultyLinks::hand_over(Way way, raft::Message message) {
    if (way.first == FaultDirection::to) {
        network_->send(way.second, message);
    } else {
        events_->on_message(way.second, std::move(message));
    }
}

void FaultyLinks::settle(NodeId peer, Connection& connection) {
    bool hears = !trouble_of({FaultDirection::from, peer}).cut;
    bool is_heard = !trouble_of({FaultDirection::to, peer}).cut;
    if (connection.broke && hears) {
        connection.told = connection.broke = false;
        events_->on_peer_disconnected(peer);
    }
    if (!connection.told && connection.actual && hears && is_heard) {
        connection.told = true;
        events_->on_peer_connected(peer);
    }
}

}  // namespace raftkv::server
