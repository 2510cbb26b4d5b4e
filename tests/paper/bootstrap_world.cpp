#include "tests/paper/bootstrap_world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "node/raft/founding.hpp"

namespace raftkv::paper {

using raft::Claim;
using raft::Entry;
using raft::EntryKind;

namespace {

std::uint64_t cluster_of(const Entry& entry) {
    if (entry.kind == EntryKind::members) {
        const auto members = raft::decode_membership(entry.payload.view());
        return members ? members->cluster : 0;
    }
    // Commands say in which cluster they were proposed.
    return entry.payload.size() == 0 ? 0
                                     : std::stoull(std::string(entry.payload.view()), nullptr, 10);
}

}  // namespace

BootstrapWorld::BootstrapWorld(const BootstrapPlan& plan)
    : plan_(plan), random_(plan.seed), servers_(plan.servers) {
    for (Server& server : servers_) server.disk.folder = ++folders_;
}

void BootstrapWorld::wrong(const std::string& what) {
    if (trouble_.empty()) trouble_ = fmt::format("at {} ms: {}", now_, what);
}

raft::Restored BootstrapWorld::restored(const Disk& disk) const {
    raft::Restored restored;
    restored.hard_state = disk.hard;
    restored.commit = disk.commit;
    for (const Entry& entry : disk.log) {
        if (restored.term_runs.empty() || restored.term_runs.back().term != entry.term)
            restored.term_runs.push_back({entry.index, entry.term});
        if (entry.index > disk.commit)
            restored.tail.push_back(entry);
        else if (entry.kind == EntryKind::members)
            restored.members = {entry.index, *raft::decode_membership(entry.payload.view())};
        restored.last_index = entry.index;
    }
    return restored;
}

void BootstrapWorld::start(std::uint32_t id) {
    Server& server = servers_[id];
    if (server.core) return;
    std::vector<NodeId> ids;
    for (std::uint32_t i = 0; i < plan_.servers; ++i) ids.push_back(NodeId(i));
    raft::Options options;
    options.id = NodeId(id);
    options.members = raft::first_membership(ids);
    options.folder = server.disk.folder;
    options.cluster = server.disk.cluster;
    options.new_cluster = below(1'000'000'000) + 1;
    options.seed = random_();
    server.durable = 0;
    server.takes_part = true;
    server.core = std::make_unique<raft::Core>(options, restored(server.disk), MonotonicMs(now_));
    server.lobby = std::make_unique<raft::Lobby>(
        raft::Lobby::Options{NodeId(id), ids, server.disk.folder, false, 500}, MonotonicMs(now_));
    server.lobby->recorded(server.record);
    observe(id);
}

void BootstrapWorld::crash(std::uint32_t id) {
    Server& server = servers_[id];
    if (!server.core) return;
    disconnect(id);
    server.core.reset();
    server.lobby.reset();
    server.effects.clear();
    server.unsynced.clear();
    server.waiting.clear();
}

void BootstrapWorld::wipe(std::uint32_t id, bool keep_record) {
    crash(id);
    servers_[id].disk = Disk();
    servers_[id].disk.folder = ++folders_;
    if (!keep_record) servers_[id].record = 0;
}

void BootstrapWorld::disconnect(std::uint32_t id) {
    for (std::uint32_t other = 0; other < plan_.servers; ++other) {
        if (links_.erase({std::min(id, other), std::max(id, other)}) == 0) continue;
        network_.erase({id, other});
        network_.erase({other, id});
        for (const auto& [at, peer] : {Link{id, other}, Link{other, id}}) {
            if (!servers_[at].core) continue;
            servers_[at].core->peer_disconnected(NodeId(peer), servers_[at].effects);
            carry_out(at);
        }
    }
}

// Both say who they are, and each decides whether it listens.
void BootstrapWorld::try_to_meet(std::uint32_t a, std::uint32_t b) {
    if (a == b || !servers_[a].core || !servers_[b].core) return;
    const Link link{std::min(a, b), std::max(a, b)};
    if (links_.contains(link)) return;
    greet(a, b);
    greet(b, a);
    const bool one = accepts(a, b);  // both are asked: they hear of each other by it
    if (const bool other = accepts(b, a); !one || !other) return;
    links_.insert(link);
    for (const auto& [at, peer] : {Link{a, b}, Link{b, a}}) {
        Server& server = servers_[at];
        server.core->folder_heard({NodeId(peer), servers_[peer].disk.folder}, server.effects);
        server.core->peer_connected(NodeId(peer), server.effects);
        carry_out(at);
    }
}

void BootstrapWorld::greet(std::uint32_t from, std::uint32_t to) {
    const raft::Core& core = *servers_[from].core;
    const raft::Member* member = core.members().find(NodeId(to));
    servers_[to].lobby->heard(
        {NodeId(from), core.claim(), member != nullptr, member != nullptr ? member->folder : 0});
}

bool BootstrapWorld::accepts(std::uint32_t own, std::uint32_t other) {
    Server& server = servers_[own];
    const Claim claim = server.core->claim();
    const raft::Meeting meeting = raft::meet(claim, servers_[other].core->claim());
    if (meeting != raft::Meeting::together && meeting != raft::Meeting::newcomer) return false;
    if (claim.cluster == 0) return server.takes_part;
    const raft::Member* member = server.core->members().find(NodeId(other));
    if (member != nullptr && (member->folder == 0 || member->folder == servers_[other].disk.folder))
        return true;
    Server& refused = servers_[other];
    if (refused.core->claim().cluster != 0) return false;
    refused.lobby->refused(NodeId(own), claim.cluster, member != nullptr);
    return false;
}

// What the shell of a node does with the verdict of its Lobby.
void BootstrapWorld::observe(std::uint32_t id) {
    Server& server = servers_[id];
    const Claim before = server.core->claim();
    const raft::LobbyVerdict verdict = server.lobby->verdict(before, MonotonicMs(now_));
    server.core->allow_founding(verdict.may_found);
    if (verdict.join != 0) server.core->join_cluster(verdict.join, server.effects);
    const Claim claim = server.core->claim();
    const bool takes_part =
        claim.cluster != 0 || verdict.may_found || verdict.waits == raft::Waits::others;
    const bool joined = before.cluster == 0 && claim.cluster != 0;
    const bool turned_away = claim.cluster == 0 && server.takes_part && !takes_part;
    server.takes_part = takes_part;
    if (joined || turned_away) disconnect(id);
    if (claim.cluster != 0 && server.record != claim.cluster) {
        server.record = claim.cluster;
        clusters_.insert(claim.cluster);
    }
    if (verdict.undisputed && claim.founding == 0 && server.record == 0) {
        server.record = verdict.cluster;
        server.lobby->recorded(verdict.cluster);
    }
    carry_out(id);
}

raft::LobbyVerdict BootstrapWorld::verdict(std::uint32_t id) const {
    return servers_[id].lobby->verdict(servers_[id].core->claim(), MonotonicMs(now_));
}

std::optional<std::uint32_t> BootstrapWorld::leader() const {
    std::optional<std::uint32_t> found;
    Term term;
    for (std::uint32_t id = 0; id < plan_.servers; ++id) {
        const raft::Core* core = servers_[id].core.get();
        if (core == nullptr || core->role() != raft::Role::leader || core->term() < term) continue;
        found = id;
        term = core->term();
    }
    return found;
}

void BootstrapWorld::propose() {
    const auto id = leader();
    if (!id) return;
    Server& server = servers_[*id];
    raft::Core& core = *server.core;
    // As a replica does: once the first entry of its term is committed.
    if (!core.takes_proposals() || core.commit() < core.term_start()) return;
    const std::uint64_t cluster = core.claim().cluster;
    constexpr LogIndex enough(30);
    if (core.log().last_index() > enough) return;
    if (cluster == 0) return wrong("a leader serves clients and belongs to no cluster");
    const std::string payload = fmt::format("{} {}", cluster, ++proposed_);
    const SharedBytes bytes = SharedBytes::copy_of(payload);
    if (const auto index = core.propose({&bytes, 1}, server.effects))
        proposals_[{core.term().value(), *index}] = payload;
    carry_out(*id);
}

void BootstrapWorld::sync(Server& server) {
    if (server.unsynced.empty()) return;
    const raft::LogWrite write = std::move(server.unsynced.front());
    server.unsynced.pop_front();
    Disk& disk = server.disk;
    if (write.cluster) disk.cluster = *write.cluster;
    if (write.hard_state) disk.hard = *write.hard_state;
    if (write.truncate_from) disk.log.resize(write.truncate_from->value() - 1);
    disk.log.insert(disk.log.end(), write.entries.begin(), write.entries.end());
    // A hint in the log, which may not be there after a crash.
    if (below(2) == 0) disk.commit = std::max(disk.commit, write.commit);
    server.durable = write.sequence;
    server.core->persisted(write.sequence, server.effects);
}

void BootstrapWorld::deliver(const Link& link) {
    constexpr int most = 8;
    Server& server = servers_[link.second];
    for (int i = 0; i < most && server.core; ++i) {
        const auto queue = network_.find(link);
        if (queue == network_.end() || queue->second.empty()) return;
        const raft::Message message = std::move(queue->second.front());
        queue->second.pop_front();
        server.core->receive(NodeId(link.first), message, server.effects);
        carry_out(link.second);
    }
}

void BootstrapWorld::carry_out(std::uint32_t id) {
    Server& server = servers_[id];
    raft::Effects effects = std::exchange(server.effects, {});
    const auto send = [&](const raft::Envelope& envelope) {
        const std::uint32_t to = envelope.to.value();
        if (links_.contains({std::min(id, to), std::max(id, to)}))
            network_[{id, to}].push_back(envelope.message);
    };
    for (const raft::Envelope& envelope : effects.send_now) send(envelope);
    for (raft::LogWrite& write : effects.writes) server.unsynced.push_back(std::move(write));
    for (auto& envelope : effects.send_after_persist) server.waiting.push_back(std::move(envelope));
    while (!server.waiting.empty() && server.waiting.front().after_sequence <= server.durable) {
        send(server.waiting.front().envelope);
        server.waiting.pop_front();
    }
    check(id);
}

void BootstrapWorld::check(std::uint32_t id) {
    const Server& server = servers_[id];
    const raft::Core& core = *server.core;
    const Claim claim = core.claim();
    std::uint64_t in_log = 0;
    for (LogIndex i = core.log().first_cached(); i <= core.log().last_index(); ++i) {
        const std::uint64_t cluster = cluster_of(core.log().entry(i));
        if (cluster == 0) continue;
        if (in_log != 0 && in_log != cluster)
            wrong(fmt::format("the log of server {} has entries of clusters {} and {}", id, in_log,
                              cluster));
        in_log = cluster;
    }
    if (claim.cluster != 0 && in_log != 0 && claim.cluster != in_log)
        wrong(fmt::format("server {} belongs to cluster {}, and its log to {}", id, claim.cluster,
                          in_log));
    std::uint64_t& known = cluster_of_folder_[server.disk.folder];
    if (known != 0 && claim.cluster != 0 && known != claim.cluster)
        wrong(fmt::format("the folder of server {} went from one cluster to another", id));
    if (claim.cluster != 0) known = claim.cluster;
    if (core.role() != raft::Role::leader || claim.cluster == 0) return;
    for (LogIndex i = core.log().first_cached(); i <= core.commit(); ++i) {
        const auto proposal = proposals_.find({core.log().term_at(i).value(), i});
        if (proposal != proposals_.end() && proposal->second == core.log().entry(i).payload.view())
            acknowledged_[claim.cluster][i] = core.log().term_at(i);
    }
}

bool BootstrapWorld::has_all_that_was_acknowledged(std::uint32_t id) const {
    const raft::Core& core = *servers_[id].core;
    const auto all = acknowledged_.find(core.claim().cluster);
    if (all == acknowledged_.end()) return true;
    return std::all_of(all->second.begin(), all->second.end(), [&](const auto& one) {
        return one.first <= core.log().last_index() && core.log().term_at(one.first) == one.second;
    });
}

void BootstrapWorld::pass_time() {
    now_ += static_cast<std::int64_t>(1 + below(10));
    for (std::uint32_t id = 0; id < plan_.servers; ++id) {
        Server& server = servers_[id];
        if (!server.core) continue;
        server.core->set_time(MonotonicMs(now_));
        observe(id);
        server.core->tick(server.effects);
        carry_out(id);
    }
}

void BootstrapWorld::event() {
    const auto a = static_cast<std::uint32_t>(below(plan_.servers));
    const auto b = static_cast<std::uint32_t>(below(plan_.servers));
    switch (below(8)) {
        case 0:
            return pass_time();
        case 1:
            return try_to_meet(a, b);
        case 2:
        case 3:
            if (!servers_[a].core) return;
            sync(servers_[a]);
            return carry_out(a);
        case 4:
            return propose();
        default:
            return deliver({a, b});
    }
}

void BootstrapWorld::fault() {
    const auto id = static_cast<std::uint32_t>(below(plan_.servers));
    const std::uint64_t kind = below(8);
    if (kind < 4) {
        if (!kept_down_.contains(id)) start(id);
    } else if (kind < 6) {
        crash(id);
    } else if (kind == 6) {
        disconnect(id);
    } else if (plan_.wipes && (plan_.loses_records || servers_[id].record != 0)) {
        wipe(id, !plan_.loses_records);
    }
}

void BootstrapWorld::live(std::int64_t ms) {
    for (const std::int64_t end = now_ + ms; now_ < end && trouble_.empty();) {
        if (below(150) == 0) fault();
        event();
    }
}

void BootstrapWorld::heal_for(std::int64_t ms) {
    for (std::uint32_t id = 0; id < plan_.servers; ++id)
        if (!kept_down_.contains(id)) start(id);
    for (const std::int64_t end = now_ + ms; now_ < end && trouble_.empty();) event();
}

}  // namespace raftkv::paper
