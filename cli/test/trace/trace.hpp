#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What happened in a run of a cluster, as a picture of it needs to know it: plain data, filled in
// by whoever watched. Times are microseconds of the run's own clock; nodes are numbered from 0.
// Every list may be in any order, every text may hold any bytes: the writers put both right.

namespace raftkv::trace {

using Micros = std::int64_t;
using Node = std::uint32_t;

enum class Role : std::uint8_t { follower, pre_candidate, candidate, leader, down, paused };
std::string_view name_of(Role role);

enum class MessageKind : std::uint8_t {
    append,
    append_reply,
    heartbeat,
    heartbeat_reply,
    vote,
    vote_reply,
    pre_vote,
    pre_vote_reply,
    timeout_now,
    snapshot,
    snapshot_reply,
    other,
};
std::string_view name_of(MessageKind kind);

enum class Lost : std::uint8_t {
    dropped,        // by chance
    cut,            // the link was
    corrupt,        // the receiver refused the bytes
    receiver_down,  // nobody there, or somebody else by now
};
std::string_view name_of(Lost lost);

// How the run went wrong.
struct Failure {
    std::string invariant;
    std::string message;
    Micros time_us = 0;
    std::optional<Node> node = std::nullopt;
};

// What a node was from one time to another. The spans of a node do not overlap.
struct RoleSpan {
    Node node = 0;
    Micros from_us = 0;
    Micros to_us = 0;
    Role role = Role::follower;
    std::uint64_t term = 0;
};

// A message is lost, or received, or neither: then it was under way when the run ended.
struct MessageEvent {
    Micros sent_us = 0;
    std::optional<Micros> received_us = std::nullopt;
    Node from = 0;
    Node to = 0;
    MessageKind kind = MessageKind::other;
    std::uint64_t term = 0;
    std::string text;  // "entries 5 to 7 after 4 of term 2, commit 3"
    std::optional<Lost> lost = std::nullopt;
};

struct FaultSpan {
    Micros from_us = 0;
    std::optional<Micros> to_us = std::nullopt;  // nothing: until the end of the run
    std::optional<Node> node = std::nullopt;     // nothing: the whole cluster
    std::optional<Node> peer = std::nullopt;     // the other end of a link
    std::string kind;                            // "power loss"
    std::string text;
};

// The node learned that its log is committed up to here.
struct CommitEvent {
    Micros time_us = 0;
    Node node = 0;
    std::uint64_t index = 0;
    std::uint64_t term = 0;  // of the entry
};

// The disk at work: from the request until its end.
struct DiskEvent {
    Micros from_us = 0;
    Micros to_us = 0;
    Node node = 0;
    std::string text;  // "sync of entries 5 to 7"
};

struct ClientOp {
    Micros start_us = 0;
    std::optional<Micros> end_us = std::nullopt;  // nothing: it never learned
    std::uint32_t client = 0;
    Node node = 0;      // asked last
    std::string text;   // "cas k1 v5 (version 3)"
    std::string reply;  // "OK 4"
};

// Whatever else is worth a word.
struct Note {
    Micros time_us = 0;
    std::optional<Node> node = std::nullopt;  // nothing: the whole cluster
    std::string text;
};

struct Trace {
    std::uint64_t seed = 0;
    std::string command;  // repeats the run
    std::uint32_t nodes = 0;
    Micros start_us = 0;
    Micros end_us = 0;
    bool truncated = false;  // what was before start_us is not recorded
    std::optional<Failure> failure = std::nullopt;
    std::vector<RoleSpan> roles;
    std::vector<MessageEvent> messages;
    std::vector<FaultSpan> faults;
    std::vector<CommitEvent> commits;
    std::vector<DiskEvent> disks;
    std::vector<ClientOp> operations;
    std::vector<Note> notes;
};

}  // namespace raftkv::trace
