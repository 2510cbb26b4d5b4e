#include "tests/unit/replica/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "node/kv/command.hpp"
#include "node/raft/role.hpp"
#include "node/wire/peer_codec.hpp"

namespace raftkv::replica {

namespace {

std::string with_another_value(std::string_view bytes) {
    kv::Command command = *kv::decode(bytes);
    command.value = "a bit was flipped";
    std::string other;
    kv::encode(command, other);
    return other;
}

}  // namespace

void Process::start(bool wrong_state) {
    raft::Restored restored;
    restored.hard_state = hard_;
    restored.commit = commit_;
    kv::Store store;
    for (const raft::Entry& entry : log_) {
        if (restored.term_runs.empty() || restored.term_runs.back().term != entry.term)
            restored.term_runs.push_back({entry.index, entry.term});
        restored.last_index = entry.index;
        if (entry.index > commit_)
            restored.tail.push_back(entry);
        else if (entry.kind == raft::EntryKind::command)
            store.apply(entry.index, std::exchange(wrong_state, false)
                                         ? with_another_value(entry.payload.view())
                                         : std::string(entry.payload.view()));
    }
    Options options;
    options.clock = kept_clock_;
    options.raft.id = id_;
    std::vector<NodeId> servers;
    for (std::uint32_t i = 0; i < world_.size(); ++i) servers.push_back(NodeId(i));
    options.raft.members = raft::first_membership(servers);
    options.raft.seed = world_.random_();
    options.raft.log_cache_bytes = 4096;  // small, so that laggards need the disk
    options.raft.max_append_bytes = 1024;
    options.state_mark_interval = 8;
    options.turn_bytes = world_.turn_bytes_;
    replica_ = std::make_unique<Replica>(options, std::move(restored), std::move(store),
                                         Ports{*this, *this, snapshots_, *this, *this});
}

void Process::reboot() {
    booted_ms_ = world_.now_ms();
    kept_clock_.ahead_of_boot_us.reset();
}

MonotonicMs Process::monotonic() {
    return MonotonicMs(world_.now_ms());
}
BootUs Process::boot() {
    return BootUs((world_.now_ms() - booted_ms_) * 1000);
}
WallMs Process::wall() {
    constexpr std::int64_t epoch_ms = 1'700'000'000'000;
    return WallMs(epoch_ms + world_.now_ms() + wall_jumped_ms_);
}

void Process::kill() {
    replica_.reset();
    unsynced_.clear();
    fetches_.clear();
}

void Process::sync() {
    if (!alive()) return;
    std::uint64_t sequence = 0;
    while (!unsynced_.empty()) {
        raft::LogWrite& write = unsynced_.front();
        if (write.hard_state) hard_ = *write.hard_state;
        if (write.truncate_from) log_.resize(write.truncate_from->value() - 1);
        for (raft::Entry& entry : write.entries) {
            EXPECT_EQ(entry.index.value(), log_.size() + 1);
            log_.push_back(std::move(entry));
        }
        EXPECT_LE(write.commit.value(), log_.size());
        commit_ = write.commit;
        sequence = write.sequence;
        unsynced_.pop_front();
    }
    if (sequence != 0) replica_->persisted(sequence);
    while (!fetches_.empty()) {
        const raft::EntryFetch fetch = fetches_.front();
        fetches_.pop_front();
        std::vector<raft::Entry> entries;
        for (LogIndex i = fetch.from; i <= fetch.to && entries.size() < 8; ++i)
            if (i.value() <= log_.size()) entries.push_back(log_[i.value() - 1]);
        replica_->entries_fetched(fetch.follower, std::move(entries));
    }
}

void Process::send(NodeId to, const raft::Message& message) {
    World::Packet packet{id_, to, {}};
    wire::encode_frame(message, packet.bytes);
    world_.network_.push_back(std::move(packet));
}

void Process::reply(ClientToken client, const protocol::Reply& reply) {
    const bool first =
        world_.heard_
            .emplace(client.request, HeardReply{reply.kind, reply.version, reply.exptime_s,
                                                std::string(reply.value), reply.leader})
            .second;
    EXPECT_TRUE(first) << "command " << client.request << " was answered twice";
}

World::World(std::uint32_t servers, std::uint64_t seed, std::size_t bytes_in_a_turn)
    : random_(seed), cut_(servers, false), turn_bytes_(bytes_in_a_turn) {
    for (std::uint32_t id = 0; id < servers; ++id)
        processes_.push_back(std::make_unique<Process>(*this, NodeId(id)));
    for (std::uint32_t id = 0; id < servers; ++id) restart(id);
}

void World::kill(std::uint32_t id) {
    process(id).kill();
    std::erase_if(network_, [&](const Packet& p) { return p.to == NodeId(id); });
    for (auto& other : processes_)
        if (other->alive()) other->replica().peer_disconnected(NodeId(id));
}

void World::restart(std::uint32_t id, bool wrong_state) {
    process(id).start(wrong_state);
    for (std::uint32_t other = 0; other < size(); ++other) {
        if (other == id || !process(other).alive()) continue;
        replica(other).peer_connected(NodeId(id));
        replica(id).peer_connected(NodeId(other));
    }
}

std::uint64_t World::send(std::uint32_t server, const protocol::Request& request,
                          std::uint64_t connection) {
    constexpr std::uint64_t own = 1'000'000;
    const std::uint64_t command = ++last_command_;
    if (connection == 0) connection = own + command;
    std::vector<std::uint64_t>& writes = writes_[connection];
    const bool behind_writes = std::any_of(writes.begin(), writes.end(),
                                           [this](auto write) { return heard(write) == nullptr; });
    if (request.writes()) writes.push_back(command);
    replica(server).submit({connection, command}, request, behind_writes);
    return command;
}

const HeardReply* World::heard(std::uint64_t command) const {
    const auto found = heard_.find(command);
    return found == heard_.end() ? nullptr : &found->second;
}

void World::deliver() {
    for (std::size_t left = network_.size(); left > 0; --left) {
        Packet packet = std::move(network_.front());
        network_.pop_front();
        if (random_() % 100 < weather.reorder) {
            network_.push_back(std::move(packet));
            continue;
        }
        if (random_() % 100 < weather.drop) continue;
        if (random_() % 100 < weather.duplicate) network_.push_back(packet);
        Process& to = process(packet.to.value());
        if (!to.alive() || cut_[packet.from.value()] || cut_[packet.to.value()]) continue;
        wire::ParsedFrame frame = wire::parse_frame(packet.bytes, false);
        ASSERT_EQ(frame.status, wire::ParsedFrame::Status::message);
        to.replica().receive(packet.from, std::move(frame.message));
    }
}

void World::step() {
    now_ms_ += 5;
    // Some rounds of turns, so that a few messages back and forth fit into the time.
    for (int turn = 0; turn < 4; ++turn) {
        deliver();
        for (auto& process : processes_) {
            if (!process->alive()) continue;
            if (turn == 0) process->replica().tick();
            if (random_() % 100 < weather.sync) process->sync();
            process->replica().end_of_turn();
        }
    }
}

std::uint32_t World::leader() {
    std::uint32_t found = size();
    const bool ready = until([&] {
        for (std::uint32_t id = 0; id < size(); ++id) {
            if (!process(id).alive() || cut_[id]) continue;
            const Status status = replica(id).status();
            if (status.role == raft::Role::leader && status.applied == status.last_index) {
                found = id;
                return true;
            }
        }
        return false;
    });
    EXPECT_TRUE(ready) << "no leader";
    return ready ? found : 0;
}

HeardReply World::ask(const protocol::Request& request) {
    const std::uint64_t command = send(leader(), request);
    EXPECT_TRUE(until([&] { return heard(command) != nullptr; })) << "no answer";
    return heard(command) ? *heard(command) : HeardReply();
}

protocol::Request set(std::string_view key, std::string_view value, std::uint32_t exptime_s) {
    return {protocol::Op::set, key, value, exptime_s, 0};
}
protocol::Request get(std::string_view key) {
    return {protocol::Op::get, key, {}, 0, 0};
}
protocol::Request getm(std::string_view key) {
    return {protocol::Op::getm, key, {}, 0, 0};
}
protocol::Request del(std::string_view key) {
    return {protocol::Op::del, key, {}, 0, 0};
}
protocol::Request cas(std::string_view key, std::uint64_t version, std::string_view value,
                      std::uint32_t exptime_s) {
    return {protocol::Op::cas, key, value, exptime_s, version};
}

}  // namespace raftkv::replica
