#include "tests/paper/cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace raftkv::paper {
namespace {

raft::Restored restored_of(const ServerDisk& disk) {
    raft::Restored restored;
    restored.hard_state = disk.hard;
    restored.commit = disk.commit;
    restored.first_index = disk.first_index;
    restored.term_before_first = disk.term_before_first;
    restored.snapshot = disk.snapshot;
    restored.members = disk.members;
    restored.last_index = disk.first_index - 1;
    for (const Entry& entry : disk.log) {
        if (restored.term_runs.empty() || restored.term_runs.back().term != entry.term)
            restored.term_runs.push_back({entry.index, entry.term});
        if (entry.index > disk.commit) restored.tail.push_back(entry);
        restored.last_index = entry.index;
    }
    return restored;
}

}  // namespace

Cluster::Cluster(std::uint32_t servers, std::vector<std::uint32_t> priorities)
    : Cluster(servers, std::move(priorities), servers, false) {}

Cluster Cluster::with_leases(std::uint32_t servers, std::uint32_t lease_ms,
                             const std::vector<std::uint32_t>& without) {
    Cluster cluster(servers);
    cluster.lease_ms_ = lease_ms;
    cluster.without_lease_ = without;
    for (std::uint32_t id = 0; id < servers; ++id) cluster.restart(id);
    cluster.connect_everybody();
    return cluster;
}

Cluster Cluster::with_spares(std::uint32_t servers, std::uint32_t members) {
    return Cluster(servers, {}, members, true);
}

Cluster::Cluster(std::uint32_t servers, std::vector<std::uint32_t> priorities,
                 std::uint32_t members, bool folders)
    : servers_(servers),
      first_members_(members),
      folders_(folders),
      priorities_(std::move(priorities)),
      clocks_(servers, 0) {
    for (std::uint32_t id = 0; id < servers; ++id) restart(id);
    connect_everybody();
}

raft::Options Cluster::options_of(std::uint32_t id) const {
    raft::Options options;
    options.id = NodeId(id);
    std::vector<NodeId> servers;
    for (std::uint32_t i = 0; i < first_members_; ++i) servers.push_back(NodeId(i));
    options.members = raft::first_membership(servers);
    for (std::uint32_t i = 0; i < priorities_.size(); ++i)
        options.priorities.push_back({NodeId(i), priorities_[i]});
    options.seed = id + 1;
    const bool promises =
        std::find(without_lease_.begin(), without_lease_.end(), id) == without_lease_.end();
    options.read_lease_ms = promises ? lease_ms_ : 0;
    if (folders_) options.folder = 100 + id;
    options.log_cache_bytes = 1;  // what is applied leaves memory
    options.snapshot_chunk_bytes = 100;
    options.snapshot_window_bytes = 300;
    return options;
}

void Cluster::put_on_disk(std::uint32_t id, const Terms& log, std::uint64_t term,
                          std::optional<std::uint32_t> vote) {
    Server& s = server(id);
    s.disk = ServerDisk();
    s.disk.hard.term = Term(term);
    if (vote) s.disk.hard.vote = NodeId(*vote);
    for (std::size_t i = 0; i < log.size(); ++i) {
        const std::string payload = std::to_string(log[i]) + "." + std::to_string(i + 1);
        s.disk.log.push_back(
            {LogIndex(i + 1), Term(log[i]), EntryKind::command, SharedBytes::copy_of(payload)});
    }
    restart(id);
}

Terms Cluster::log_terms(std::uint32_t id) {
    Terms terms;
    const raft::Log& log = core(id).log();
    for (LogIndex i = log.first_index(); i <= log.last_index(); ++i)
        terms.push_back(log.term_at(i).value());
    return terms;
}

void Cluster::crash(std::uint32_t id) {
    Server& s = server(id);
    s.core.reset();
    s.disk.unsynced.clear();
    s.waiting.clear();
    s.pieces.clear();
    s.effects.clear();
    std::erase_if(network_, [&](const Packet& p) {
        return p.from == NodeId(id) || p.envelope.to == NodeId(id);
    });
}

void Cluster::restart(std::uint32_t id) {
    crash(id);
    Server& s = server(id);
    s.durable_sequence = 0;
    s.core =
        std::make_unique<raft::Core>(options_of(id), restored_of(s.disk), MonotonicMs(clocks_[id]));
    for (std::uint32_t other = 0; other < size(); ++other) {
        if (other == id || !servers_[other].core) continue;
        s.core->peer_connected(NodeId(other), s.effects);
        core(other).peer_connected(NodeId(id), server(other).effects);
        carry_out(other);
    }
    carry_out(id);
}

void Cluster::connect_everybody() {
    for (std::uint32_t a = 0; a < size(); ++a) {
        for (std::uint32_t b = 0; b < size(); ++b) {
            if (a != b) core(a).peer_connected(NodeId(b), server(a).effects);
        }
        carry_out(a);
    }
}

void Cluster::cut(std::uint32_t a, std::uint32_t b) {
    cuts_.insert({std::min(a, b), std::max(a, b)});
}

void Cluster::isolate(std::uint32_t id) {
    for (std::uint32_t other = 0; other < size(); ++other)
        if (other != id) cut(id, other);
}

void Cluster::heal() {
    cuts_.clear();
}

bool Cluster::passes(std::uint32_t a, std::uint32_t b) const {
    return !cuts_.contains({std::min(a, b), std::max(a, b)});
}

void Cluster::pass_time(std::uint32_t id, std::int64_t ms) {
    // In small steps, as a running process sees time.
    for (std::int64_t passed = 0; passed < ms; passed += 10) {
        clocks_[id] += std::min<std::int64_t>(10, ms - passed);
        if (!server(id).core) continue;
        core(id).set_time(MonotonicMs(clocks_[id]));
        core(id).tick(server(id).effects);
        carry_out(id);
    }
}

void Cluster::pass_time_everywhere(std::int64_t ms) {
    for (std::int64_t passed = 0; passed < ms; passed += 10) {
        for (std::uint32_t id = 0; id < size(); ++id) pass_time(id, 10);
        settle();
    }
}

void Cluster::apply_to_disk(ServerDisk& disk, const raft::SnapshotMark& mark) {
    disk.snapshot = {mark.id, 0};
    const LogIndex end = disk.first_index + disk.log.size();
    const bool holds = mark.id.index >= disk.first_index && mark.id.index < end &&
                       disk.log[mark.id.index - disk.first_index].term == mark.id.term;
    if (!holds) {
        disk.log.clear();
        disk.first_index = mark.id.index + 1;
        disk.term_before_first = mark.id.term;
        if (const auto known = snapshot_members_.find(mark.id.index);
            known != snapshot_members_.end())
            disk.members = {mark.id.index, known->second};
        return;
    }
    const auto forgotten =
        disk.log.begin() + static_cast<std::ptrdiff_t>(mark.first_kept - disk.first_index);
    if (forgotten != disk.log.begin()) disk.term_before_first = (forgotten - 1)->term;
    disk.log.erase(disk.log.begin(), forgotten);
    disk.first_index = mark.first_kept;
}

void Cluster::take_snapshot(std::uint32_t id, std::uint64_t index, std::uint64_t bytes) {
    raft::Core& own = core(id);
    own.applied(LogIndex(index));
    snapshot_members_[LogIndex(index)] = own.applied_members().members;
    own.applied(own.commit());
    own.snapshot_taken({{LogIndex(index), own.log().term_at(LogIndex(index))}, bytes},
                       server(id).effects);
    carry_out(id);
}

void Cluster::apply_to_disk(ServerDisk& disk, const raft::LogWrite& write) {
    if (write.hard_state) disk.hard = *write.hard_state;
    if (write.snapshot) apply_to_disk(disk, *write.snapshot);
    if (write.truncate_from) disk.log.resize(*write.truncate_from - disk.first_index);
    for (const Entry& entry : write.entries) {
        ASSERT_EQ(entry.index, disk.first_index + disk.log.size());
        disk.log.push_back(entry);
    }
    ASSERT_LT(write.commit, disk.first_index + disk.log.size());
    disk.commit = write.commit;
    for (const Entry& entry : disk.log) {
        if (entry.kind != EntryKind::members || entry.index > disk.commit) continue;
        disk.members = {entry.index, *raft::decode_membership(entry.payload.view())};
    }
}

void Cluster::sync(std::uint32_t id) {
    Server& s = server(id);
    if (stalled_.contains(id) || !s.core) return;
    while (!s.disk.unsynced.empty()) {
        apply_to_disk(s.disk, s.disk.unsynced.front());
        s.durable_sequence = s.disk.unsynced.front().sequence;
        s.disk.unsynced.pop_front();
    }
    s.core->persisted(s.durable_sequence, s.effects);
    carry_out(id);
}

void Cluster::carry_out(std::uint32_t id) {
    Server& s = server(id);
    for (raft::LogWrite& write : s.effects.writes) s.disk.unsynced.push_back(std::move(write));
    for (auto& envelope : s.effects.send_now) network_.push_back({NodeId(id), std::move(envelope)});
    for (auto& envelope : s.effects.send_after_persist) s.waiting.push_back(std::move(envelope));
    while (!s.waiting.empty() && s.waiting.front().after_sequence <= s.durable_sequence) {
        network_.push_back({NodeId(id), std::move(s.waiting.front().envelope)});
        s.waiting.pop_front();
    }
    for (const auto& ready : s.effects.reads_ready) s.reads_ready.push_back(ready);
    for (const auto dropped : s.effects.reads_dropped) s.reads_dropped.push_back(dropped);
    for (auto& piece : s.effects.snapshot_pieces) s.pieces.push_back(std::move(piece));
    const auto fetches = std::exchange(s.effects.snapshot_fetches, {});
    s.effects.clear();
    if (!hold_pieces_) put_pieces_away(id);
    for (const raft::SnapshotFetch& fetch : fetches) answer(id, fetch);
}

void Cluster::put_pieces_away(std::uint32_t id) {
    Server& s = server(id);
    for (const raft::SnapshotPiece& piece : std::exchange(s.pieces, {})) {
        const std::uint64_t end = piece.offset + piece.bytes.size();
        s.core->snapshot_stored(piece.snapshot.id, end, s.effects);
        if (end == piece.snapshot.bytes)
            s.core->install_snapshot(piece.snapshot, snapshot_members_.at(piece.snapshot.id.index),
                                     s.effects);
        carry_out(id);
    }
}

void Cluster::answer(std::uint32_t id, const raft::SnapshotFetch& fetch) {
    Server& s = server(id);
    const std::optional<raft::SnapshotInfo>& own = s.core->snapshot();
    std::string bytes;  // none: it is gone
    if (own && own->id == fetch.id)
        bytes.assign(std::min<std::uint64_t>(fetch.max_bytes, own->bytes - fetch.offset), 's');
    s.core->snapshot_fetched(fetch, SharedBytes::copy_of(bytes), s.effects);
    carry_out(id);
}

bool Cluster::deliver_one() {
    if (network_.empty()) return false;
    const Packet packet = std::move(network_.front());
    network_.pop_front();
    const std::uint32_t to = packet.envelope.to.value();
    if (server(to).core && passes(packet.from.value(), to))
        inject(packet.from.value(), to, packet.envelope.message);
    return true;
}

void Cluster::settle() {
    for (int step = 0; step < 100'000; ++step) {
        bool moved = deliver_one();
        for (std::uint32_t id = 0; id < size(); ++id) {
            if (server(id).disk.unsynced.empty() || stalled_.contains(id)) continue;
            sync(id);
            moved = true;
        }
        if (!moved) return;
    }
    FAIL() << "the cluster never comes to rest";
}

void Cluster::deliver(std::uint32_t from, std::uint32_t to) {
    std::deque<Packet> others, wanted;
    for (Packet& packet : network_) {
        const bool match = packet.from == NodeId(from) && packet.envelope.to == NodeId(to);
        (match ? wanted : others).push_back(std::move(packet));
    }
    network_ = std::move(others);
    for (const Packet& packet : wanted) inject(from, to, packet.envelope.message);
}

std::vector<Message> Cluster::in_flight(std::uint32_t from, std::uint32_t to) const {
    std::vector<Message> messages;
    for (const Packet& packet : network_) {
        if (packet.from == NodeId(from) && packet.envelope.to == NodeId(to))
            messages.push_back(packet.envelope.message);
    }
    return messages;
}

void Cluster::drop_in_flight() {
    network_.clear();
}

void Cluster::inject(std::uint32_t from, std::uint32_t to, const Message& message) {
    core(to).receive(NodeId(from), message, server(to).effects);
    carry_out(to);
}

void Cluster::elect(std::uint32_t id) {
    for (int round = 0; round < 40 && core(id).role() != raft::Role::leader; ++round) {
        pass_time(id, 20);
        settle();
    }
    ASSERT_EQ(core(id).role(), raft::Role::leader) << "server " << id << " was not elected";
}

LogIndex Cluster::propose(std::uint32_t id, const std::string& payload) {
    const SharedBytes bytes = SharedBytes::copy_of(payload);
    const auto index = core(id).propose({&bytes, 1}, server(id).effects);
    carry_out(id);
    return index.value_or(LogIndex(0));
}

void Cluster::read(std::uint32_t id, std::uint64_t read_id) {
    core(id).read(read_id, server(id).effects);
    core(id).begin_reads(server(id).effects);
    carry_out(id);
}

void Cluster::connection_closed(std::uint32_t at, std::uint32_t peer) {
    core(at).peer_disconnected(NodeId(peer), server(at).effects);
    carry_out(at);
}

raft::TransferStart Cluster::transfer(std::uint32_t id, std::optional<std::uint32_t> target) {
    std::optional<NodeId> to;
    if (target) to = NodeId(*target);
    const raft::TransferStart start = core(id).transfer_leadership(to, server(id).effects);
    carry_out(id);
    return start;
}

raft::ChangeStart Cluster::change(std::uint32_t id, const raft::MemberChange& change) {
    const raft::ChangeStart start = core(id).change_members(change, server(id).effects);
    carry_out(id);
    return start;
}

void Cluster::introduce_everybody() {
    for (std::uint32_t a = 0; a < size(); ++a) {
        for (std::uint32_t b = 0; b < size(); ++b)
            if (a != b) core(a).folder_heard({NodeId(b), 100 + b}, server(a).effects);
        carry_out(a);
    }
}

std::optional<std::uint32_t> Cluster::leader_of_term(std::uint64_t term) {
    std::optional<std::uint32_t> leader;
    for (std::uint32_t id = 0; id < size(); ++id) {
        if (!server(id).core || core(id).role() != raft::Role::leader) continue;
        if (core(id).term() != Term(term)) continue;
        EXPECT_FALSE(leader) << "two leaders in term " << term;
        leader = id;
    }
    return leader;
}

}  // namespace raftkv::paper
