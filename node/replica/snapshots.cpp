// Snapshots: when one is taken, how it is read out beside everything else, and what happens when
// one arrives.

#include <algorithm>
#include <string>
#include <utility>

#include "node/raft/state.hpp"
#include "node/replica/replica_impl.hpp"

namespace raftkv::replica {
namespace {

// What may wait for the disk: enough to keep it busy.
constexpr std::size_t max_waiting_bytes = 1u << 20;
// A snapshot must not make a second copy of the data in memory.
bool keeps_too_much(const kv::Store& store) {
    constexpr std::size_t small = 4u << 20;
    return store.snapshot_kept_bytes() > store.bytes() / 5 + small;
}

}  // namespace

bool Replica::Impl::snapshot_is_due() const {
    const raft::SnapshotInfo newest = core.snapshot().value_or(raft::SnapshotInfo());
    if (core.incoming_snapshot() || distrusted) return false;
    if (snapshot_wanted <= newest.id.index && unreadable_snapshot != newest.id.index &&
        !replica::snapshot_is_due(
            options.snapshot,
            {store.bytes(), store.snapshot_bytes(), newest.bytes, log_bytes_since_snapshot,
             applied - newest.id.index, core.is_sending_snapshot()}))
        return false;
    return ports.clock.monotonic() >= next_snapshot;
}

int Replica::Impl::chunks_to_read() const {
    if (!taking || taking->read_out) return 0;
    return taking->pace.chunks(
        ports.clock.monotonic(),
        {log_on_disk(log_bytes_since_snapshot - taking->log_bytes, applied - taking->id.index),
         store.snapshot_kept_bytes()});
}

bool Replica::Impl::snapshot_can_go_on() const {
    return chunks_to_read() > 0 && ports.snapshots.waiting_bytes() < max_waiting_bytes;
}

void Replica::Impl::start_snapshot() {
    taking = Taking{{applied, core.log().term_at(applied)},
                    SnapshotPace(ports.clock.monotonic()),
                    log_bytes_since_snapshot,
                    false};
    store.begin_snapshot(options.snapshot.chunk_bytes);
    ports.snapshots.begin(taking->id, raft::encode(core.applied_members().members));
}

void Replica::Impl::go_on_with_snapshot() {
    if (!taking && snapshot_is_due()) start_snapshot();
    if (taking && !taking->read_out && keeps_too_much(store)) give_up_snapshot();
    const int chunks = chunks_to_read();
    for (int i = 0; i < chunks && snapshot_can_go_on(); ++i) {
        std::string chunk;
        const bool more = store.read_snapshot(chunk);
        // To pass over what is not in it takes as long as a chunk.
        taking->pace.read(ports.clock.monotonic(),
                          chunk.empty() ? options.snapshot.chunk_bytes : chunk.size());
        if (!chunk.empty()) ports.snapshots.add(std::move(chunk));
        if (more) continue;
        taking->read_out = true;
        ports.snapshots.end();
    }
}

void Replica::Impl::give_up_snapshot() {
    store.end_snapshot();
    ports.snapshots.give_up();
    taking.reset();
    next_snapshot = ports.clock.monotonic() + options.snapshot.retry_ms;
}

void Replica::Impl::discard(const raft::SnapshotId& id) {
    // The one that counts may have come by another way: taken here and received have equal bytes.
    if (core.snapshot() && core.snapshot()->id == id) return;
    ports.snapshots.discard(id);
}

SnapshotStatus Replica::Impl::snapshot_status() const {
    SnapshotStatus status;
    if (core.snapshot()) {
        status.index = core.snapshot()->id.index;
        status.bytes = core.snapshot()->bytes;
    }
    status.log_bytes = log_bytes_since_snapshot;
    if (taking) status.taking = taking->id.index;
    if (core.incoming_snapshot()) status.incoming = core.incoming_snapshot()->id.index;
    status.kept_bytes = store.snapshot_kept_bytes();
    status.sent = core.tally().snapshots_sent;
    status.installed = core.tally().snapshots_installed;
    return status;
}

void Replica::Impl::install(const raft::SnapshotInfo& info, kv::Store loaded) {
    if (taking) give_up_snapshot();
    // Writes of ours from an earlier leadership: whether they are in it, nobody can tell any more.
    while (!pending.empty() && pending.front().index <= info.id.index) {
        answer(pending.front().client, protocol::ReplyKind::internal);
        pending_bytes -= pending.front().bytes;
        pending.pop_front();
    }
    ports.snapshots.dispose(std::exchange(store, std::move(loaded)));
    applied = info.id.index;
    unreadable_snapshot.reset();
    marks.clear();
    own_marks.clear();
    distrusted = false;
    core.distrust_state(false, effects);
    log_bytes_since_snapshot = 0;
    core.applied(applied);
    look_whether_removed();
}

std::optional<LogIndex> Replica::want_snapshot() {
    if (impl_->distrusted || impl_->applied == LogIndex(0)) return std::nullopt;
    impl_->snapshot_wanted = impl_->applied;
    return impl_->applied;
}

void Replica::snapshot_written(const raft::SnapshotInfo& info) {
    Impl& my = *impl_;
    my.core.set_time(my.ports.clock.monotonic());
    if (!my.taking || my.taking->id != info.id) return my.discard(info.id);
    my.log_bytes_since_snapshot -= my.taking->log_bytes;
    my.taking.reset();
    my.unreadable_snapshot.reset();
    my.core.snapshot_taken(info, my.effects);
}

void Replica::snapshot_failed() {
    if (impl_->taking) impl_->give_up_snapshot();
}

void Replica::snapshot_fetched(const raft::SnapshotFetch& fetch, SharedBytes bytes) {
    impl_->core.set_time(impl_->ports.clock.monotonic());
    impl_->core.snapshot_fetched(fetch, std::move(bytes), impl_->effects);
}

void Replica::snapshot_unreadable(const raft::SnapshotFetch& fetch) {
    const auto& newest = impl_->core.snapshot();
    // A newer one may have taken its place, and its file be gone for that.
    if (newest && newest->id == fetch.id) impl_->unreadable_snapshot = fetch.id.index;
    snapshot_fetched(fetch, {});
}

void Replica::snapshot_stored(const raft::SnapshotId& id, std::uint64_t bytes) {
    impl_->core.set_time(impl_->ports.clock.monotonic());
    impl_->core.snapshot_stored(id, bytes, impl_->effects);
}

void Replica::snapshot_lost(const raft::SnapshotId& id) {
    impl_->core.snapshot_lost(id);
}

void Replica::snapshot_received(const raft::SnapshotInfo& info, LoadedSnapshot loaded) {
    Impl& my = *impl_;
    my.core.set_time(my.ports.clock.monotonic());
    raft::Membership members = std::move(loaded.members).value_or(my.options.raft.members);
    if (my.core.install_snapshot(info, std::move(members), my.effects)) {
        my.install(info, std::move(loaded.store));
    } else {
        my.discard(info.id);
        my.ports.snapshots.dispose(std::move(loaded.store));
    }
}

}  // namespace raftkv::replica
