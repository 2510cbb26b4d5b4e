#include "cli/test/simulation/recorder.hpp"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace raftkv::simulation {

namespace {

struct Described {
    trace::MessageKind kind = trace::MessageKind::other;
    std::string text;
};

struct Describe {
    Described operator()(const raft::VoteRequest& vote) const {
        return {vote.pre ? trace::MessageKind::pre_vote : trace::MessageKind::vote,
                fmt::format("log ends at {} of term {}{}", vote.last_index.value(),
                            vote.last_term.value(),
                            vote.leader_transfer ? ", leadership was handed over" : "")};
    }
    Described operator()(const raft::VoteResponse& vote) const {
        return {vote.pre ? trace::MessageKind::pre_vote_reply : trace::MessageKind::vote_reply,
                vote.granted ? "granted" : "refused"};
    }
    Described operator()(const raft::AppendRequest& append) const {
        const std::string where =
            fmt::format("after {} of term {}, commit {}", append.prev_index.value(),
                        append.prev_term.value(), append.commit.value());
        if (append.entries.empty()) return {trace::MessageKind::append, "probe " + where};
        return {trace::MessageKind::append,
                fmt::format("entries {} to {} {}", append.entries.front().index.value(),
                            append.entries.back().index.value(), where)};
    }
    Described operator()(const raft::AppendResponse& answer) const {
        if (answer.accepted) {
            return {trace::MessageKind::append_reply,
                    fmt::format("accepted up to {}", answer.index.value())};
        }
        return {trace::MessageKind::append_reply,
                fmt::format("rejected at {}, go on at {} (term {})", answer.index.value(),
                            answer.conflict_index.value(), answer.conflict_term.value())};
    }
    Described operator()(const raft::Heartbeat& heartbeat) const {
        return {trace::MessageKind::heartbeat,
                fmt::format("round {}, commit {}", heartbeat.round, heartbeat.commit.value())};
    }
    Described operator()(const raft::HeartbeatResponse& answer) const {
        return {trace::MessageKind::heartbeat_reply, fmt::format("round {}", answer.round)};
    }
    Described operator()(const raft::TimeoutNow&) const {
        return {trace::MessageKind::timeout_now, "campaign at once"};
    }
    Described operator()(const raft::SnapshotChunk& chunk) const {
        const auto of = fmt::format("of {} bytes that end with entry {}", chunk.snapshot.bytes,
                                    chunk.snapshot.id.index.value());
        if (chunk.bytes.empty()) return {trace::MessageKind::snapshot, "how much is there, " + of};
        return {trace::MessageKind::snapshot,
                fmt::format("bytes {} to {} {}", chunk.offset,
                            chunk.offset + chunk.bytes.size() - 1, of)};
    }
    Described operator()(const raft::SnapshotResponse& answer) const {
        return {trace::MessageKind::snapshot_reply,
                fmt::format("{} bytes are there of the snapshot that ends with entry {}",
                            answer.bytes, answer.index.value())};
    }
};

}  // namespace

std::size_t Recorder::message(Micros now, std::uint32_t from, std::uint32_t to,
                              const raft::Message& message) {
    if (!on()) return 0;
    Described described = std::visit(Describe(), message.body);
    trace::MessageEvent event;
    event.sent_us = now;
    event.from = from;
    event.to = to;
    event.kind = described.kind;
    event.term = message.term.value();
    event.text = std::move(described.text);
    trace_->messages.push_back(std::move(event));
    return trace_->messages.size() - 1;
}

void Recorder::received(std::size_t message, Micros now) {
    if (on() && !trace_->messages[message].received_us) trace_->messages[message].received_us = now;
}

void Recorder::lost(std::size_t message, trace::Lost why) {
    if (on() && !trace_->messages[message].received_us) trace_->messages[message].lost = why;
}

void Recorder::role(Micros now, std::uint32_t node, trace::Role role, std::uint64_t term) {
    if (!on()) return;
    if (roles_.size() <= node) roles_.resize(node + 1);
    Now& was = roles_[node];
    if (was.role == role && was.term == term) return;
    if (now > was.since) trace_->roles.push_back({node, was.since, now, was.role, was.term});
    was = {role, term, now};
}

std::size_t Recorder::fault(Micros now, const Fault& fault, std::optional<std::uint32_t> node) {
    if (!on()) return 0;
    trace::FaultSpan span;
    span.from_us = now;
    span.node = node;
    span.kind = name_of(fault.kind);
    const bool one_link = fault.kind == FaultKind::cut_one_way || fault.kind == FaultKind::clog ||
                          fault.kind == FaultKind::flap;
    if (one_link) span.peer = fault.other;
    span.text = fmt::format("for {} ms, amount {}", fault.lasts / 1000, fault.amount);
    trace_->faults.push_back(std::move(span));
    return trace_->faults.size() - 1;
}

void Recorder::fault_over(std::size_t fault, Micros now) {
    if (on() && !trace_->faults[fault].to_us) trace_->faults[fault].to_us = now;
}

void Recorder::commit(Micros now, std::uint32_t node, std::uint64_t index, std::uint64_t term) {
    if (on()) trace_->commits.push_back({now, node, index, term});
}

void Recorder::disk(Micros from, Micros to, std::uint32_t node, const std::string& what) {
    if (on()) trace_->disks.push_back({from, to, node, what});
}

void Recorder::operation(trace::ClientOp operation) {
    if (on()) trace_->operations.push_back(std::move(operation));
}

void Recorder::note(Micros now, std::optional<std::uint32_t> node, std::string text) {
    if (on()) trace_->notes.push_back({now, node, std::move(text)});
}

void Recorder::finish(Micros now) {
    if (!on()) return;
    for (std::uint32_t node = 0; node < roles_.size(); ++node) {
        role(now, node, trace::Role::down, ~std::uint64_t{0});
    }
    trace_->end_us = now;
}

}  // namespace raftkv::simulation
