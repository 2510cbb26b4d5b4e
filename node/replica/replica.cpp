#include "node/replica/replica.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/check.hpp"
#include "node/kv/command.hpp"
#include "node/raft/state.hpp"
#include "node/replica/replica_impl.hpp"

namespace raftkv::replica {
namespace {

using protocol::Reply;
using protocol::ReplyKind;

Reply reply_of(const kv::Outcome& outcome) {
    Reply reply;
    reply.version = outcome.version;
    switch (outcome.status) {
        case kv::Status::stored:
            reply.kind = ReplyKind::ok;
            break;
        case kv::Status::deleted:
            reply.kind = ReplyKind::deleted;
            break;
        case kv::Status::exists:
        case kv::Status::version_mismatch:
            reply.kind = ReplyKind::version_err;
            break;
        case kv::Status::not_found:
            reply.kind = ReplyKind::not_found;
            break;
        case kv::Status::ticked:
            reply.kind = ReplyKind::internal;
            break;
    }
    return reply;
}

// What cannot be applied must not get into a log: it would stop every replica.
bool is_applicable(const raft::Message& message) {
    const auto* append = std::get_if<raft::AppendRequest>(&message.body);
    if (!append) return true;
    return std::all_of(append->entries.begin(), append->entries.end(), [](const auto& entry) {
        if (entry.kind == raft::EntryKind::members)
            return raft::decode_membership(entry.payload.view()).has_value();
        return entry.kind != raft::EntryKind::command ||
               kv::decode(entry.payload.view()).has_value();
    });
}

// Readings of the leader's clock come with its heartbeats.
std::int64_t clock_window_us(const raft::Options& options) {
    constexpr std::int64_t shortest_us = 1'000'000, heartbeats = 8;
    return std::max(shortest_us, heartbeats * options.heartbeat_ms * 1000);
}

bool is_empty(const raft::Effects& effects) {
    return effects.send_now.empty() && effects.writes.empty() &&
           effects.send_after_persist.empty() && effects.reads_ready.empty() &&
           effects.fetches.empty() && effects.snapshot_fetches.empty() &&
           effects.snapshot_pieces.empty() && effects.peer_marks.empty() && !effects.told_to_differ;
}

}  // namespace

Replica::Impl::Impl(const Options& replica_options, const raft::Restored& restored,
                    kv::Store restored_store, const Ports& replica_ports)
    : options(replica_options),
      ports(replica_ports),
      core(replica_options.raft, restored, replica_ports.clock.monotonic()),
      store(std::move(restored_store)),
      applied(core.commit()),
      clock(clock_window_us(replica_options.raft)),
      applying(replica_options.turn_bytes),
      answering(replica_options.turn_bytes),
      log_bytes_since_snapshot(restored.bytes_after_snapshot) {
    const BootUs now = ports.clock.boot();
    if (const auto ahead_us = options.clock.ahead_of_boot_us)
        clock.set(ClusterUs(now.value() + *ahead_us), now);
    cluster = core.claim().cluster;
    look_whether_removed();
}

void Replica::Impl::send(raft::Envelope& envelope) {
    envelope.message.clock = clock_reading();
    ask_clock(envelope.message);
    ports.network.send(envelope.to, envelope.message);
}

void Replica::Impl::carry_out_effects() {
    if (const std::uint64_t now = core.claim().cluster; now != cluster)
        ports.snapshots.belong_to(cluster = now);
    // Messages first: followers work while our own disk does (thesis 10.2.1).
    for (raft::Envelope& envelope : effects.send_now) send(envelope);
    for (raft::LogWrite& write : effects.writes) ports.log.submit(std::move(write));
    for (const raft::EntryFetch& fetch : effects.fetches) ports.log.fetch(fetch);
    for (const raft::SnapshotFetch& fetch : effects.snapshot_fetches) ports.snapshots.fetch(fetch);
    for (const raft::SnapshotPiece& piece : effects.snapshot_pieces) ports.snapshots.store(piece);
    for (raft::DurableEnvelope& envelope : effects.send_after_persist)
        waiting_for_disk.push_back(std::move(envelope));
    while (!waiting_for_disk.empty() &&
           waiting_for_disk.front().after_sequence <= durable_sequence) {
        send(waiting_for_disk.front().envelope);
        waiting_for_disk.pop_front();
    }
    for (const raft::ReadReady& ready : effects.reads_ready) reads.confirmed(ready);
    for (const raft::PeerMark& heard : effects.peer_marks) marks.heard(heard.peer, heard.mark);
    const bool told_to_differ = effects.told_to_differ;
    const std::vector<raft::PeerMark> heard = effects.peer_marks;
    // reads_dropped needs no care of its own: stop_serving() takes back all reads.
    effects.clear();
    if (!heard.empty()) compare_states(told_to_differ, heard);
}

void Replica::Impl::apply(const raft::Entry& entry) {
    kv::Outcome outcome;
    log_bytes_since_snapshot += raft::cost_of(entry);
    if (entry.kind == raft::EntryKind::command)
        outcome = store.apply(entry.index, entry.payload.view());
    if (pending.empty() || pending.front().index != entry.index) return;
    const PendingWrite write = pending.front();
    pending.pop_front();
    pending_bytes -= write.bytes;
    if (write.term == entry.term)
        ports.clients.reply(write.client, reply_of(outcome));
    else
        answer(write.client, ReplyKind::internal);
}

void Replica::Impl::apply_committed() {
    const LogIndex before = applied;
    while (applied < core.commit() && !applying.spent()) {
        const raft::Entry& entry = core.log().entry(applied + 1);
        answer_reads_before(entry);
        ++applied;
        applying.take(entry.payload.view().size());
        apply(entry);
        if (applied.value() % options.state_mark_interval == 0) mark_state();
    }
    if (applied == before) return;
    if (serving() && leads()) reads.confirmed_up_to(applied);
    core.applied(applied);
    look_whether_removed();
}

void Replica::Impl::look_whether_removed() {
    const raft::Options& own = options.raft;
    removed = core.applied_members().members.is_retired(own.id, own.folder);
}

// Only a leader can tell who is wrong, as it hears of all. Nothing is undone: who is the odd one
// out does not lead, does not answer, and takes no snapshot, until its state is made anew.
void Replica::Impl::compare_states(bool told_to_differ, const std::vector<raft::PeerMark>& heard) {
    if (core.role() != raft::Role::leader) {
        for (const raft::PeerMark& told : heard) hold_against({told.mark, told_to_differ});
        return;
    }
    const StateMarks::Verdict verdict = marks.verdict(core.members().members.size());
    for (const raft::Progress& follower : core.followers()) {
        const auto& odd_ones = verdict.differ;
        core.tell_that_it_differs(follower.id, std::find(odd_ones.begin(), odd_ones.end(),
                                                         follower.id) != odd_ones.end());
    }
    if (!verdict.we_are_odd) return;
    distrusted_since = applied;
    distrust(true);
}

// A leader's word is not enough: the state that it came to must be another one, too. And if ours
// agrees after all with what a leader came to later, then nobody who leads has said so.
void Replica::Impl::hold_against(const Told& told) {
    const auto ours =
        std::find_if(own_marks.begin(), own_marks.end(),
                     [&](const raft::StateMark& mark) { return mark.index == told.mark.index; });
    if (ours == own_marks.end()) {
        if (told.mark.index > applied) not_reached = told;
    } else if (ours->hash == told.mark.hash) {
        if (told.mark.index >= distrusted_since) distrust(false);
    } else if (told.differs) {
        distrusted_since = told.mark.index;
        distrust(true);
    }
}

void Replica::Impl::distrust(bool odd) {
    if (odd == distrusted) return;
    distrusted = odd;
    core.distrust_state(odd, effects);
}

// There is no mark while more keys have run out than can be removed at once; the next one has it.
void Replica::Impl::mark_state() {
    constexpr std::size_t kept = 64;
    remove_past_end();
    const std::optional<std::uint64_t> hash = store.state_hash_at_hand();
    if (!hash) return;
    known_state = {applied, *hash};
    marks.reached(known_state);
    core.state_reached(known_state);
    own_marks.push_back(known_state);
    if (own_marks.size() > kept) own_marks.pop_front();
    if (not_reached && not_reached->mark.index == applied)
        hold_against(*std::exchange(not_reached, std::nullopt));
}

void Replica::Impl::remove_past_end() {
    std::size_t gone = store.remove_past_end(options.turn_removals);
    for (; gone > 0; --gone) applying.take(0);
}

void Replica::Impl::stop_serving() {
    is_serving = false;
    take_back_reads();
    // Whatever is in the log and not known to be committed has an unknown outcome.
    while (!pending.empty() && pending.back().index > core.commit()) {
        answer(pending.back().client, ReplyKind::internal);
        pending_bytes -= pending.back().bytes;
        pending.pop_back();
    }
}

void Replica::Impl::follow_leadership() {
    const bool leads = core.role() == raft::Role::leader;
    if (serving() && (!leads || core.term() != serving_term)) stop_serving();
    if (!leads) {
        asks_clocks_since.reset();
        readings.forget();
    }
    // Nobody is left whose word would count against it, nor anybody who could take it back.
    if (leads && distrusted && core.members().voters() == 1) distrust(false);
    if (!serving() && leads && applied >= core.term_start() && know_clock()) {
        is_serving = true;
        serving_term = core.term();
    }
}

Replica::Replica(const Options& options, const raft::Restored& restored, kv::Store store,
                 const Ports& ports)
    : impl_(std::make_unique<Impl>(options, restored, std::move(store), ports)) {}

Replica::~Replica() = default;

void Replica::submit(ClientToken client, const protocol::Request& request, bool behind_writes) {
    Impl& my = *impl_;
    my.count(request);
    if (my.waiting_bytes() >= 2 * my.options.max_pending_bytes)
        my.answer(client, ReplyKind::internal);
    else if (!my.held.empty())
        my.hold(client, request, behind_writes);  // behind those that came before
    else
        my.route(client, request, behind_writes);
}

void Replica::receive(NodeId from, raft::Message message) {
    if (!is_applicable(message)) return;
    impl_->core.set_time(impl_->ports.clock.monotonic());
    impl_->core.receive(from, message, impl_->effects);
    impl_->hear_clock(from, message);
}

void Replica::peer_connected(NodeId peer) {
    impl_->core.set_time(impl_->ports.clock.monotonic());
    impl_->marks.forget(peer);
    impl_->core.peer_connected(peer, impl_->effects);
}

void Replica::peer_disconnected(NodeId peer) {
    impl_->core.set_time(impl_->ports.clock.monotonic());
    impl_->core.peer_disconnected(peer, impl_->effects);
}

void Replica::persisted(std::uint64_t sequence) {
    impl_->core.set_time(impl_->ports.clock.monotonic());
    impl_->durable_sequence = std::max(impl_->durable_sequence, sequence);
    impl_->core.persisted(sequence, impl_->effects);
}

void Replica::entries_fetched(NodeId follower, std::vector<raft::Entry> entries) {
    impl_->core.set_time(impl_->ports.clock.monotonic());
    impl_->core.entries_fetched(follower, std::move(entries), impl_->effects);
}

void Replica::log_has_room(bool room) {
    impl_->core.log_has_room(room, impl_->effects);
}

raft::TransferStart Replica::transfer_leadership(std::optional<NodeId> target) {
    impl_->core.set_time(impl_->ports.clock.monotonic());
    return impl_->core.transfer_leadership(target, impl_->effects);
}

void Replica::tick() {
    Impl& my = *impl_;
    my.core.set_time(my.ports.clock.monotonic());
    my.core.tick(my.effects);
    my.give_up_on_held();
    if (!my.serving() || my.tick_index > my.applied) return;
    const std::optional<ClusterMs> due = my.store.earliest_deadline();
    if (!due) return;
    // What the log knows of already is only to be removed.
    const ClusterMs now = my.cluster_now();
    if (*due <= now && !my.store.has_past_end()) my.propose_tick(now);
}

void Replica::end_of_turn() {
    Impl& my = *impl_;
    my.applying.begin_turn();
    my.answering.begin_turn();
    do {
        my.flush_proposals();
        my.flush_reads();
        my.carry_out_effects();
        my.apply_committed();
        my.follow_leadership();
        my.answer_reads();
        my.release_held();
        my.go_on_with_snapshot();
    } while (!is_empty(my.effects) || !my.proposals.empty() || !my.reads.gathering().reads.empty());
    my.remove_past_end();
    my.send_answers();
}

bool Replica::wants_turn() const {
    Impl& my = *impl_;
    return my.applied < my.core.commit() || my.snapshot_can_go_on() || my.store.has_past_end() ||
           !my.answers.empty() || my.releases_held() ||
           (my.answering.spent() && my.serving() && my.reads.answerable(my.applied) != nullptr);
}

bool Replica::wants_pause() const {
    return impl_->waiting_bytes() >= impl_->options.max_pending_bytes;
}

const kv::Store& Replica::store() const {
    return impl_->store;
}

ClusterMs Replica::cluster_time() const {
    return impl_->likely_time();
}

std::optional<ClockOffsets> Replica::clock_offsets() const {
    const Impl& my = *impl_;
    if (!my.clock.is_sure()) return std::nullopt;
    const ClusterUs time = my.clock.at(my.ports.clock.boot());
    return ClockOffsets{my.clock.ahead_us(), time.value() - my.ports.clock.wall().value() * 1000};
}

const raft::Membership& Replica::members() const {
    return impl_->core.members();
}
LogIndex Replica::members_index() const {
    return impl_->core.members_index();
}
const raft::MembershipAt& Replica::applied_members() const {
    return impl_->core.applied_members();
}
std::uint64_t Replica::members_changes() const {
    return impl_->core.members_changes();
}

raft::ChangeStart Replica::change_members(const raft::MemberChange& change) {
    impl_->core.set_time(impl_->ports.clock.monotonic());
    return impl_->core.change_members(change, impl_->effects);
}

void Replica::folder_heard(const raft::MemberFolder& heard) {
    impl_->core.set_time(impl_->ports.clock.monotonic());
    impl_->core.folder_heard(heard, impl_->effects);
}

void Replica::allow_founding(bool allowed) {
    impl_->core.allow_founding(allowed);
}

void Replica::join_cluster(std::uint64_t cluster) {
    impl_->core.set_time(impl_->ports.clock.monotonic());
    impl_->core.join_cluster(cluster, impl_->effects);
}

raft::Claim Replica::claim() const {
    return impl_->core.claim();
}

Standing Replica::standing() const {
    const raft::Core& core = impl_->core;
    return {core.role(),          core.term(),
            core.leader(),        core.transfer_target(),
            core.has_room(),      impl_->marks.divergence(),
            impl_->distrusted,    impl_->removed,
            core.contradiction(), impl_->unreadable_snapshot};
}

Indexes Replica::indexes() const {
    const raft::Core& core = impl_->core;
    return {core.commit(), impl_->applied, core.log().last_index(), core.durable_index()};
}

Status Replica::status() const {
    const Impl& my = *impl_;
    Status status;
    static_cast<Standing&>(status) = standing();
    status.id = my.options.raft.id;
    static_cast<Indexes&>(status) = indexes();
    for (const raft::Progress& follower : my.core.followers())
        status.peers.push_back({follower.id, follower.connected, follower.match_index,
                                status.last_index - follower.match_index});
    status.keys = my.store.size();
    status.store_bytes = my.store.bytes();
    const std::optional<std::uint64_t> hash = my.store.state_hash_at_hand();
    status.state = hash ? raft::StateMark{my.applied, *hash} : my.known_state;
    status.read_lease_ms = my.options.raft.read_lease_ms;
    status.log_cache_bytes = my.core.log().cache_bytes();
    status.first_index = my.core.log().first_index();
    status.snapshot = my.snapshot_status();
    status.pending_writes = my.pending.size();
    status.pending_reads = my.reads.size();
    status.held = my.held.size();
    status.pending_bytes = my.waiting_bytes();
    status.counters = my.counters;
    status.counters.elections_started = my.core.tally().elections_started;
    status.counters.elections_won = my.core.tally().elections_won;
    status.counters.read_rounds = my.core.tally().read_rounds;
    return status;
}

}  // namespace raftkv::replica
