#include "cli/test/simulation/counters.hpp"

namespace raftkv::simulation {

namespace {

constexpr std::array<std::string_view, seen_kinds> seen_names{
    "vote granted",
    "vote refused",
    "pre-vote granted",
    "pre-vote refused",
    "append rejected: other term",
    "append rejected: log too short",
    "append of an old term",
    "entries truncated",
    "several entries in a message",
    "append without entries",
    "timeout now",
    "entries fetched from disk",
    "leader changed",
    "leader deposed",
    "entries of an earlier term committed",
    "campaign repeated",
    "torn tail repaired",
    "corruption found",
    "end of a log lost",
    "ended by a disk error",
    "no room for the log",
    "room again",
    "segment changed",
    "segment changed to a reserved one",
    "torn tail repaired where reserved",
    "crash while segments come or go",
    "recovery interrupted",
    "truncation recovered",
    "snapshot taken",
    "no room for a snapshot",
    "snapshot received",
    "piece of a snapshot",
    "log went on after a snapshot",
    "recovered from a snapshot",
    "log forgot its beginning",
    "members changed",
    "member promoted once it had caught up",
    "member removed and ended",
    "member change refused",
    "leader went before it was removed",
    "member change undone",
    "stranger refused",
    "data folder written down",
    "write acknowledged",
    "read answered",
    "version conflict",
    "key not found",
    "redirected",
    "answered after a wait",
    "outcome unknown",
    "client gave up",
    "connection refused",
    "key expired",
    "tick committed",
    "read at a new leader",
    "read in a pipeline",
    "message dropped",
    "message duplicated",
    "message reordered",
    "message corrupted",
    "message cut short",
    "message to a dead node",
    "unsynced bytes lost",
    "history checked for linearizability",
};

}  // namespace

std::string_view name_of(Seen seen) {
    return seen_names[static_cast<std::size_t>(seen)];
}

void Counters::add(const Counters& other) {
    for (std::size_t i = 0; i < fault_kinds; ++i) faults[i] += other.faults[i];
    for (std::size_t i = 0; i < seen_kinds; ++i) seen[i] += other.seen[i];
    events += other.events;
    messages += other.messages;
    commits += other.commits;
    syncs += other.syncs;
    operations += other.operations;
}

}  // namespace raftkv::simulation
