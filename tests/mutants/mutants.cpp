#include <algorithm>

#include "tests/mutants/mutant.hpp"

namespace raftkv::mutants {

namespace {

constexpr std::string_view election = "node/raft/election.cpp";
constexpr std::string_view replication = "node/raft/replication.cpp";
constexpr std::string_view read_index = "node/raft/read_index.cpp";
constexpr std::string_view core = "node/raft/core.cpp";
constexpr std::string_view priority = "node/raft/priority.cpp";
constexpr std::string_view transfer = "node/raft/transfer.cpp";
constexpr std::string_view raft_state = "node/raft/state.cpp";
constexpr std::string_view quorum = "node/raft/quorum.cpp";
constexpr std::string_view raft_log = "node/raft/log.cpp";
constexpr std::string_view raft_members = "node/raft/members.cpp";
constexpr std::string_view reconfiguration = "node/raft/reconfiguration.cpp";
constexpr std::string_view raft_snapshot = "node/raft/snapshot.cpp";
constexpr std::string_view store = "node/kv/store_state.cpp";
constexpr std::string_view frozen = "node/kv/frozen.cpp";
constexpr std::string_view snapshot_file = "node/storage/growing_file.cpp";
constexpr std::string_view replica = "node/replica/replica.cpp";
constexpr std::string_view replica_clock = "node/replica/clock.cpp";
constexpr std::string_view cluster_clock = "node/kv/cluster_clock.cpp";
constexpr std::string_view clock_readings = "node/kv/clock_readings.cpp";
constexpr std::string_view commands = "node/replica/commands.cpp";
constexpr std::string_view read_batches = "node/replica/read_batches.cpp";
constexpr std::string_view wal_write = "node/storage/file_wal_write.cpp";
constexpr std::string_view wal_segments = "node/storage/file_wal_segments.cpp";
constexpr std::string_view segment_pool = "node/storage/segment_pool.cpp";
constexpr std::string_view log_reading = "node/storage/log_reading.cpp";
constexpr std::string_view recovery = "node/storage/recovery.cpp";
constexpr std::string_view record = "node/storage/record.cpp";
constexpr std::string_view admission = "node/wire/admission.cpp";

Edit statement(std::string_view file, std::string_view original, std::string_view bug) {
    return {file, original, bug, false};
}
Edit expression(std::string_view file, std::string_view original, std::string_view bug) {
    return {file, original, bug, true};
}

std::vector<Mutant> of_elections() {
    return {
        {"vote_before_sync",
         "A vote is answered before it is on disk",
         {statement(election, "    send_durably(state, out, from, VoteResponse{false, granted});",
                    "send_now(state, out, from, VoteResponse{false, granted});")}},
        {"vote_not_stored",
         "A vote is given and not written down",
         {statement(election, "        set_hard_state(state, {state.hard.term, from});", "")}},
        {"campaign_before_sync",
         "A candidate asks for votes in a term that is not on its disk",
         {statement(election,
                    "            send_durably(state, out, member.id, vote_request(state, false));",
                    "out.send_now.push_back({member.id, {state.hard.term, vote_request(state, "
                    "false)}});")}},
        {"own_vote_before_sync",
         "A candidate counts its own vote before it is on disk",
         {statement(election,
                    "    reset_election_timer(state);\n    ask_for_votes(state, out, false);",
                    "reset_election_timer(state); record(state.ballot.granted, state.options.id); "
                    "ask_for_votes(state, out, false); count_ballot(state, out);")}},
        {"vote_for_a_shorter_log",
         "Logs are compared by their length alone",
         {statement(election,
                    "    if (last_term != state.log.last_term()) return last_term > "
                    "state.log.last_term();",
                    "")}},
        {"vote_for_any_log",
         "A vote is given whatever the candidate's log (the original's check)",
         {statement(election, "    return last_index >= state.log.last_index();", "return true;"),
          statement(election,
                    "    if (last_term != state.log.last_term()) return last_term > "
                    "state.log.last_term();",
                    "")}},
        {"vote_twice",
         "A second candidate of the same term gets a vote, too",
         {expression(election, "!state.hard.vote || state.hard.vote == from", "true"),
          statement(raft_state,
                    "    RAFTKV_CHECK(hard.term > state.hard.term || !state.hard.vote || "
                    "hard.vote == state.hard.vote);",
                    "")}},
        {"vote_cleared_in_its_term",
         "Stepping down within a term forgets the vote",
         {statement(election,
                    "    if (term > state.hard.term) set_hard_state(state, {term, "
                    "std::nullopt});",
                    "set_hard_state(state, {term, std::nullopt});"),
          statement(raft_state,
                    "    RAFTKV_CHECK(hard.term > state.hard.term || !state.hard.vote || "
                    "hard.vote == state.hard.vote);",
                    "")}},
        {"even_majority",
         "Half of an even number of servers counts as a majority",
         {expression(quorum, "majority(reached.size()) - 1", "(reached.size() - 1) / 2")}},
        {"old_leader_is_followed",
         "Entries of a leader of an earlier term are taken",
         {expression(core, "message.term < state.hard.term",
                     "message.term < state.hard.term && !is_request_of_leader(body)")}},
    };
}

std::vector<Mutant> of_replication() {
    return {
        {"self_count_before_sync",
         "A leader counts its own log before it is on disk",
         {expression(replication, "state.durable_index.value()",
                     "state.log.last_index().value()")}},
        {"accept_before_sync",
         "A follower accepts entries before they are on disk",
         {statement(replication,
                    "    send_durably(state, out, from, AppendResponse{true, verified, Term(0), "
                    "LogIndex(0)});",
                    "send_now(state, out, from, AppendResponse{true, verified, Term(0), "
                    "LogIndex(0)});")}},
        {"commit_of_an_old_term_by_count",
         "Entries of an earlier term are committed by counting",
         {statement(replication,
                    "    if (index <= state.commit || state.log.term_at(index) != "
                    "state.hard.term) return;",
                    "if (index <= state.commit) return;")}},
        {"commit_past_what_was_verified",
         "A follower commits its log further than it was checked",
         {expression(replication, "std::min(request.commit, verified)",
                     "std::min(request.commit, state.log.last_index())")}},
        {"heartbeat_commits_what_is_not_there",
         "Heartbeats tell a commit index beyond what the follower is known to have",
         {expression(replication, "std::min(state.commit, follower.match_index)", "state.commit")}},
        {"stale_append_truncates",
         "An old message cuts off entries that came after it",
         {statement(replication,
                    "            if (state.log.term_at(entry.index) == entry.term) continue;",
                    "")}},
        {"committed_entries_truncated",
         "The same, and nothing protects what is committed",
         {statement(replication,
                    "            if (state.log.term_at(entry.index) == entry.term) continue;", ""),
          statement(raft_state,
                    "    RAFTKV_CHECK(from > state.commit);  // committed entries are for ever",
                    "")}},
        {"conflict_kept",
         "A follower keeps entries that differ from its leader's",
         {statement(replication, "            truncate_log(state, entry.index);", "continue;")}},
        {"previous_entry_unchecked",
         "A follower appends without comparing what comes before",
         {expression(replication, "!state.log.matches(request.prev_index, request.prev_term)",
                     "request.prev_index > state.log.last_index()")}},
        {"lost_messages_stay_lost",
         "A leader never asks again after a message was lost",
         {statement(
             replication,
             "    for (Progress& follower : state.followers) retry_stuck(state, out, follower);",
             "")}},
    };
}

std::vector<Mutant> of_reads_and_clients() {
    return {
        {"read_without_confirmation",
         "A leader answers reads without asking whether it leads",
         {expression(read_index,
                     "reads.asked_round == 0 || confirmed_round(state) < reads.asked_round",
                     "reads.asked_round == 0")}},
        {"old_confirmation_counts",
         "An answer to an earlier question confirms a later read",
         {expression(read_index, "std::max(follower.acked_round, response.round)",
                     "state.reads.last_round")}},
        {"serves_too_early",
         "A leader serves before it has applied all that was acknowledged",
         {expression(replica, "leads && applied >= core.term_start()", "leads"),
          expression(read_index, "state.role != Role::leader || state.commit < state.term_start",
                     "state.role != Role::leader")}},
        {"redirect_after_proposal",
         "A write that is in the log is called certainly not done",
         {statement(replica, "        answer(pending.back().client, ReplyKind::internal);",
                    "{ Reply lie; lie.kind = ReplyKind::redirect; lie.leader = options.raft.id; "
                    "answers.push_back({pending.back().client, lie}); }")}},
        {"pipelined_read_before_its_writes",
         "A read does not wait for the writes before it on its connection",
         {expression(read_batches, "!read.goes_with_writes() || read.position <= applied",
                     "true")}},
        {"pipelined_read_behind_later_writes",
         "A read is answered by whatever is applied when its confirmation comes",
         {statement(replica, "        answer_reads_before(entry);", "")}},
        {"writes_overtake_their_reads",
         "Where there are too many reads for a turn, a write does not wait for its own either",
         {expression(commands, "pending.empty() || pending.front().index != entry.index", "true")}},
        {"read_past_the_end",
         "A key is read after its end, until the log has it",
         {expression(commands, "item->deadline && *item->deadline <= now", "false")}},
        {"clock_of_the_leader",
         "Each leader's clock starts at its own wall time",
         {statement(replica_clock, "    clock.raise(least, now);",
                    "clock.set(std::max(wall_time(), least), now);")}},
        {"clock_of_the_last_stamp",
         "Each leader's clock starts at the last stamp: time stands still while nothing is written",
         {statement(replica_clock, "    clock.raise(least, now);", "clock.set(least, now);")}},
        {"late_readings_believed",
         "A reading of the leader's clock that was late on its way counts",
         {expression(cluster_clock, "ahead_us >= known_us && !is_far", "true")}},
        {.name = "first_reading_believed",
         .what = "What a server hears first of the cluster's clock is taken for its time",
         .edits = {statement(cluster_clock, "    if (!sure_) look_whether_sure(ahead_us, now);",
                             "sure_ = true;")},
         .plan = "a-late-reading-of-the-clock-heard-first.json"},
        {"own_wall_clock_decides",
         "Where nobody knows the cluster's clock, the leader's own wall clock is believed",
         {expression(clock_readings, "choose_of_walls(quick.wall, servers, least)",
                     "Choice{std::max(least, own_wall), 0}")}},
        {"expired_key_is_back",
         "A key past its end is there until it is removed",
         {expression(store, "record != nullptr && is_live(*record, clock) ? record : nullptr",
                     "record")}},
    };
}

std::vector<Mutant> of_transfers() {
    return {
        {"transfer_to_any_log",
         "A leader's word is enough to be elected, whatever the target's log",
         {statement(transfer, "    if (target->match_index < last || state.commit < last) return;",
                    ""),
          statement(transfer,
                    "        if (target->mode != Progress::Mode::replicate || "
                    "target->next_index <= last) return;",
                    ""),
          expression(election,
                     "free_to_vote &&\n                         is_up_to_date(state, "
                     "request.last_index, request.last_term)",
                     "free_to_vote && (request.leader_transfer || is_up_to_date(state, "
                     "request.last_index, request.last_term))")}},
        {"priority_of_equals",
         "A leader hands over to a follower of its own priority, too",
         {expression(priority, "priority_of(state, best->id) <= own",
                     "priority_of(state, best->id) < own")}},
        {"priority_never_seen",
         "A leader does not look whether somebody else should lead",
         {statement(replication, "    prefer_priority(state, out);", "")}},
        {"transfer_never_given_up",
         "A leader waits for the next one for ever",
         {statement(transfer,
                    "    if (state.transfer && state.now >= state.transfer->deadline) "
                    "state.transfer.reset();",
                    "")}},
    };
}

std::vector<Mutant> of_the_log() {
    return {
        {"no_sync",
         "Records are written and never synced (the original's log)",
         {statement(wal_write,
                    "    if (auto synced = file_->sync(); !synced) {\n        return "
                    "broken(synced.error());\n    }",
                    "")}},
        {"sync_tried_again",
         "A failed sync is tried once more, and then believed",
         {statement(wal_write,
                    "    if (auto synced = file_->sync(); !synced) {\n        return "
                    "broken(synced.error());\n    }",
                    "if (auto synced = file_->sync(); !synced) { if (auto again = file_->sync(); "
                    "!again) return broken(again.error()); }")}},
        {"lost_directory_sync",
         "A segment's name is not synced before records go in",
         {statement(wal_segments,
                    "    if (auto synced = disk_.sync_folder(); !synced) {\n        return "
                    "synced;\n    }",
                    "")}},
        {"header_not_synced",
         "A segment gets its name before its header is on disk",
         {statement(wal_segments,
                    "    if (auto synced = prepared.file->sync(); !synced) {\n        return "
                    "synced;\n    }",
                    "")}},
        {"reservation_taken_for_granted",
         "A segment is left without zeros where the file system cannot reserve space, too",
         {expression(segment_pool, "*reserved && for_large_batches", "for_large_batches")}},
        {"vote_lost_with_a_segment",
         "A new segment does not repeat term and vote",
         {statement(wal_segments, "    header.hard_state = summary_.hard_state();", "")}},
        {"torn_tail_taken_for_corruption",
         "A node refuses to start after an ordinary crash",
         {expression(recovery, "scan->synced > log.end()", "true")}},
        {"corruption_taken_for_a_torn_tail",
         "Damage to what was synced is cut off silently",
         {expression(recovery, "scan->synced > log.end()", "false")}},
        {"chain_unchecked",
         "A segment that lost its end is taken for a whole one",
         {expression(log_reading, "header.previous_end != end_ || header.previous_sum != last_sum_",
                     "false"),
          statement(log_reading,
                    "    if (auto agrees = check_state(header, name); !agrees) {\n        return "
                    "agrees;\n    }",
                    "")}},
        {"lost_tail_not_missed",
         "A log whose end is gone is taken for one that ends there",
         {expression(recovery, "!durable_end_ || segments_.empty()", "true")}},
        {"segment_not_noted",
         "Records go into a segment before it is noted that there is one",
         {expression(wal_segments, "durable_note_.write()", "Result<void>()")}},
        {"payload_unchecked",
         "A record's payload is not held against its sum",
         {expression(record, "checksum(payload, payload_seed(place)) == header.payload_sum",
                     "true")}},
    };
}

std::vector<Mutant> of_snapshots() {
    return {
        {"younger_records_in_a_snapshot",
         "What was written after the moment of a snapshot gets into it",
         {expression(frozen, "record.version <= header_.applied.value()", "true"),
          statement(frozen, "    RAFTKV_CHECK(read_sum_ + passed_sum_ == sum_);", "")}},
        {"snapshot_not_synced",
         "The file of a snapshot gets its name before its bytes are on disk",
         {statement(snapshot_file, "    return checked(file_->sync());", "return {};")}},
        {"snapshot_name_not_synced",
         "A snapshot counts before its name is on disk",
         {statement(snapshot_file, "    return disk_.sync_folder();", "return {};")}},
        {"install_accepted_before_sync",
         "A follower says that it has a snapshot before its log says so on disk",
         {statement(raft_snapshot,
                    "        send_durably(state, out, *state.leader,\n                     "
                    "AppendResponse{true, info.id.index, Term(0), LogIndex(0)});",
                    "send_now(state, out, *state.leader, AppendResponse{true, info.id.index, "
                    "Term(0), LogIndex(0)});")}},
        {"conflict_kept_beside_a_snapshot",
         "A log that differs from the snapshot is kept, because it is longer",
         {expression(raft_state, "state.log.matches(info.id.index, info.id.term)",
                     "info.id.index <= state.log.last_index()")}},
        {"forgets_what_no_snapshot_has",
         "The log forgets one entry more than the snapshot stands for",
         {expression(raft_state, "std::min(state.log.first_cached(), info.id.index + 1)",
                     "std::min(state.log.last_index() + 1, info.id.index + 2)")}},
        {"term_before_the_log_forgotten",
         "The log forgets the term of the entry before its first",
         {statement(raft_log, "    term_before_first_ = term_at(first - 1);", "")}},
        {"fetched_entries_of_a_forgotten_log",
         "Entries that were read for a follower are sent, though the log has forgotten them since",
         {expression(replication,
                     "!needs_snapshot(state, follower) &&\n                        "
                     "entries.back().index <= last_to_send(state, follower)",
                     "entries.back().index <= last_to_send(state, follower)")}},
        {"lost_pieces_stay_lost",
         "A leader never asks again how much of a snapshot is there",
         {statement(replication, "            ask_how_far(state, out, follower);", "{}")}},
    };
}

std::vector<Mutant> of_leases() {
    return {
        {"lease_ends_with_the_connection",
         "A server whose connection to the leader ended helps to elect another at once",
         {expression(election, "state.leader.has_value() || state.options.read_lease_ms > 0",
                     "state.leader.has_value()"),
          statement(election,
                    "    if (state.options.read_lease_ms > 0) return;  // the lease of the leader "
                    "may go on",
                    "")}},
        {"lease_without_a_promise",
         "A lease rests on the answers of servers that are configured to promise nothing",
         {expression(read_index, "response.promise_ms >= state.options.election_timeout_min_ms",
                     "state.options.read_lease_ms > 0")}},
        {"lease_outlasts_the_promise",
         "A lease lasts for two election timeouts",
         {expression(read_index, "reads.sent.front().at + state.options.read_lease_ms",
                     "reads.sent.front().at + 2 * state.options.read_lease_ms")}},
        {"lease_from_the_answer",
         "A lease counts from the answer of the majority, not from the question",
         {expression(read_index, "reads.sent.front().at + state.options.read_lease_ms",
                     "state.now + state.options.read_lease_ms")}},
    };
}

std::vector<Mutant> of_members() {
    std::vector<Mutant> mutants{
        {"members_in_force_once_committed",
         "A membership is in force when it is committed, not when it is in the log",
         {expression(raft_state, "state.draft.entries.back().kind == EntryKind::members", "false"),
          statement(raft_state, "    state.commit = index;",
                    "for (LogIndex i = state.commit + 1; i <= index; ++i) if (i >= "
                    "state.log.first_cached() && state.log.entry(i).kind == EntryKind::members) "
                    "take_members(state, state.log.entry(i)); state.commit = index;")}},
        {"truncated_members_stay_in_force",
         "A membership stays in force though its entry was overwritten",
         {statement(raft_members,
                    "    while (state.memberships.back().index >= from) "
                    "state.memberships.pop_back();",
                    "")}},
        {"learner_counts",
         "What a learner has stored counts for the majority",
         {expression(raft_members, "members(state).has_voter(follower.id)",
                     "(members(state).find(follower.id) != nullptr)")}},
        {"members_of_a_snapshot_ignored",
         "A server that goes on from a snapshot keeps the members that it knew before",
         {statement(raft_snapshot,
                    "    if (restarts) restart_members(state, {info.id.index, "
                    "std::move(members)});",
                    "")}},
        {"answers_of_somebody_else",
         "Votes and answers of a server that came back with an empty disk count as its former "
         "self's",
         {statement(core, "    if (is_promise(body) && is_somebody_else(state, from)) return;",
                    "")}},
        {.name = "reads_wait_for_who_left",
         .what = "Reads are not looked at again when the majority becomes smaller",
         .edits = {statement(reconfiguration,
                             "    answer_confirmed(state, out);  // a smaller majority may have "
                             "answered already",
                             "")},
         .plan = "mutant-reads-wait-for-who-left.json"},
        {"two_changes_at_once",
         "A change begins before the one before it is committed",
         {statement(reconfiguration,
                    "    if (state.memberships.back().index > state.commit) return "
                    "ChangeStart::under_way;",
                    "")}},
        {"stranger_is_let_in",
         "Who gives the id of a member may speak, whatever its data folder",
         {expression(admission, "certain.members.has(id, folder)",
                     "certain.members.find(id) != nullptr")}},
        {.name = "removal_counts_who_was_not_heard",
         .what = "A removal counts voters that have said nothing yet to the leader of the new term",
         .edits = {expression(reconfiguration, "follower.match_index >= state.term_start", "true")},
         .plan = "removal-that-needs-an-emptied-disk.json"},
        {"removal_told_too_early",
         "Who is removed hears of it before that is committed",
         {expression(raft_members, "known.index > state.commit && !known.members.find(follower.id)",
                     "false")}},
        {"promotions_forgotten",
         "A leader does not promote who has caught up",
         {expression(reconfiguration,
                     "member.kind == Kind::joining && has_caught_up(state, member.id)", "false")}},
    };
    for (Mutant& mutant : mutants) mutant.of_members = true;
    return mutants;
}

}  // namespace

const std::vector<Mutant>& all() {
    static const std::vector<Mutant> mutants = [] {
        std::vector<Mutant> list;
        for (auto part : {of_elections, of_replication, of_reads_and_clients, of_transfers,
                          of_the_log, of_snapshots, of_leases, of_members}) {
            for (Mutant& mutant : part()) list.push_back(std::move(mutant));
        }
        return list;
    }();
    return mutants;
}

std::vector<std::string_view> mutated_files() {
    std::vector<std::string_view> files;
    for (const Mutant& mutant : all()) {
        for (const Edit& edit : mutant.edits) files.push_back(edit.file);
    }
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    return files;
}

}  // namespace raftkv::mutants
