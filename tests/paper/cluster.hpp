#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "node/raft/core.hpp"

// A stage for the incidents of the paper: a few cores, a network that delivers when told, and
// disks that sync when told. Nothing moves by itself.

namespace raftkv::paper {

using raft::Entry;
using raft::EntryKind;
using raft::Message;

// What a server has on disk, and what it has handed to the disk.
struct ServerDisk {
    raft::HardState hard;
    std::vector<Entry> log;  // first_index first
    LogIndex first_index{1};
    Term term_before_first;
    std::optional<raft::SnapshotInfo> snapshot;  // that counts
    std::optional<raft::MembershipAt> members;   // as of commit; nothing: the first
    LogIndex commit;
    std::deque<raft::LogWrite> unsynced;
};

struct Server {
    ServerDisk disk;
    std::unique_ptr<raft::Core> core;  // nothing while it is down
    std::deque<raft::DurableEnvelope> waiting;
    std::uint64_t durable_sequence = 0;
    raft::Effects effects;
    std::vector<raft::ReadReady> reads_ready;
    std::vector<std::uint64_t> reads_dropped;
    std::vector<raft::SnapshotPiece> pieces;  // of a snapshot that comes in
};

struct Packet {
    NodeId from;
    raft::Envelope envelope;
};

// Logs are given as the terms of their entries: {1, 1, 4} is three entries.
using Terms = std::vector<std::uint64_t>;

class Cluster {
  public:
    // Servers 0 .. servers-1, all with empty disks.
    explicit Cluster(std::uint32_t servers, std::vector<std::uint32_t> priorities = {});
    // `without` do as if there were no leases.
    static Cluster with_leases(std::uint32_t servers, std::uint32_t lease_ms,
                               const std::vector<std::uint32_t>& without = {});
    // The first `members` of them belong to the cluster; the others wait to be added. Data folders
    // have ids.
    static Cluster with_spares(std::uint32_t servers, std::uint32_t members);

    raft::Core& core(std::uint32_t id) { return *server(id).core; }
    Server& server(std::uint32_t id) { return servers_[id]; }
    std::uint32_t size() const { return static_cast<std::uint32_t>(servers_.size()); }

    // Replaces what a server has on disk and starts it anew.
    void put_on_disk(std::uint32_t id, const Terms& log, std::uint64_t term,
                     std::optional<std::uint32_t> vote = {});
    Terms log_terms(std::uint32_t id);

    // The process dies: what was not synced is lost, and so are messages on their way from it.
    void crash(std::uint32_t id);
    void restart(std::uint32_t id);

    // Whether messages pass between two servers, both ways.
    void cut(std::uint32_t a, std::uint32_t b);
    void isolate(std::uint32_t id);
    void heal();

    // Time passes for one server, or for all alike; timers fire.
    void pass_time(std::uint32_t id, std::int64_t ms);
    void pass_time_everywhere(std::int64_t ms);

    // The disk of a server finishes what it was given.
    void sync(std::uint32_t id);
    // While a disk is stalled, sync() and settle() leave it alone.
    void stall_disk(std::uint32_t id) { stalled_.insert(id); }
    void unstall_disk(std::uint32_t id) { stalled_.erase(id); }

    // Delivers messages and syncs disks until nothing is left to do.
    void settle();
    // Delivers what is on its way from one server to another now.
    void deliver(std::uint32_t from, std::uint32_t to);
    std::vector<Message> in_flight(std::uint32_t from, std::uint32_t to) const;
    void drop_in_flight();
    // Hands a message to a server as if it came over the network.
    void inject(std::uint32_t from, std::uint32_t to, const Message& message);

    // Lets one server's election timeout pass and settles; it must end up leading.
    void elect(std::uint32_t id);
    LogIndex propose(std::uint32_t id, const std::string& payload = "x");
    void read(std::uint32_t id, std::uint64_t read_id);
    void connect_everybody();
    void connection_closed(std::uint32_t at, std::uint32_t peer);
    raft::TransferStart transfer(std::uint32_t id, std::optional<std::uint32_t> target = {});

    raft::ChangeStart change(std::uint32_t id, const raft::MemberChange& change);
    // Every server hears of the folders of all the others.
    void introduce_everybody();

    std::optional<std::uint32_t> leader_of_term(std::uint64_t term);

    // A server has a snapshot of its state after entry `index`; its file has so many bytes. What
    // its memory holds of the log goes with it.
    void take_snapshot(std::uint32_t id, std::uint64_t index, std::uint64_t bytes);
    // Pieces of snapshots are put away at once, and a whole one is installed, unless this is set.
    void hold_pieces(bool hold) { hold_pieces_ = hold; }
    void put_pieces_away(std::uint32_t id);

    // Carries out the effects that the core of `id` has asked for.
    void carry_out(std::uint32_t id);

  private:
    void answer(std::uint32_t id, const raft::SnapshotFetch& fetch);
    bool passes(std::uint32_t a, std::uint32_t b) const;
    bool deliver_one();
    void apply_to_disk(ServerDisk& disk, const raft::SnapshotMark& mark);
    void apply_to_disk(ServerDisk& disk, const raft::LogWrite& write);

    Cluster(std::uint32_t servers, std::vector<std::uint32_t> priorities, std::uint32_t members,
            bool folders);
    raft::Options options_of(std::uint32_t id) const;

    std::vector<Server> servers_;
    std::uint32_t first_members_;
    bool folders_;  // have ids: 100 + id
    std::uint32_t lease_ms_ = 0;
    std::vector<std::uint32_t> without_lease_;
    std::map<LogIndex, raft::Membership> snapshot_members_;
    std::vector<std::uint32_t> priorities_;  // by id; empty: all alike
    std::vector<std::int64_t> clocks_;
    std::deque<Packet> network_;
    std::set<std::pair<std::uint32_t, std::uint32_t>> cuts_;
    std::set<std::uint32_t> stalled_;
    bool hold_pieces_ = false;
};

}  // namespace raftkv::paper
