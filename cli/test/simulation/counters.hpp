#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cli/test/simulation/plan.hpp"

// What happened in a run, counted: a suite of runs in which something never happened proves
// nothing about it.

namespace raftkv::simulation {

enum class Seen : std::uint8_t {
    // Messages and what the core did about them.
    vote_granted,
    vote_refused,
    pre_vote_granted,
    pre_vote_refused,
    append_rejected_with_term,   // the follower's log differs
    append_rejected_as_too_far,  // the follower's log is short
    append_of_old_term,
    entries_truncated,
    batch_of_entries,  // several in one message
    probe,             // an append without entries
    timeout_now,
    fetched_from_disk,
    leader_changed,
    leader_deposed,     // it learned of a later term, or lost its majority
    committed_later,    // entries of an earlier term, by one of the present
    campaign_repeated,  // a candidate that had to campaign again
    // The log.
    torn_tail_repaired,
    corruption_found,
    tail_lost,  // the end of a log, by a fault
    ended_by_disk_error,
    no_room,
    room_again,
    segment_changed,         // to one that was filled with zeros
    segment_reserved,        // to one whose space was only reserved
    reserved_tail_repaired,  // a torn tail in such a one
    segment_interrupted,     // power went while the next was made, or old ones removed
    recovery_interrupted,
    truncation_recovered,
    // Snapshots.
    snapshot_taken,
    snapshot_failed,
    snapshot_received,
    snapshot_piece,  // of several
    log_jumped,      // it went on after a snapshot that it had not reached
    recovered_from_snapshot,
    log_forgot_its_beginning,
    // Members.
    members_changed,  // a leader began it
    member_added,     // and votes, now that it has caught up
    member_removed,   // the node learned it and ended
    member_change_refused,
    leader_went_first,  // it was to be removed, and handed over
    members_undone,     // by an entry of another leader
    stranger_refused,   // a connection between two that are not of one cluster
    folders_learned,    // written into the membership
    // Clients.
    wrote,
    read,
    version_conflict,
    not_found,
    redirected,
    answered_after_a_wait,  // for a leader, most likely
    unknown_outcome,
    client_gave_up,
    connection_refused,
    key_expired,
    tick_committed,
    read_at_new_leader,
    read_in_a_pipeline,
    // The world.
    message_dropped,
    message_duplicated,
    message_reordered,
    message_corrupted,
    message_truncated,
    message_to_the_dead,
    unsynced_bytes_lost,
    whole_history_checked,
};
constexpr std::size_t seen_kinds = static_cast<std::size_t>(Seen::whole_history_checked) + 1;
std::string_view name_of(Seen seen);

struct Counters {
    std::array<std::uint64_t, fault_kinds> faults{};
    std::array<std::uint64_t, seen_kinds> seen{};
    std::uint64_t events = 0;
    std::uint64_t messages = 0;
    std::uint64_t commits = 0;
    std::uint64_t syncs = 0;
    std::uint64_t operations = 0;

    void saw(Seen what) { ++seen[static_cast<std::size_t>(what)]; }
    void caused(FaultKind what) { ++faults[static_cast<std::size_t>(what)]; }
    void add(const Counters& other);
};

}  // namespace raftkv::simulation
