#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/test/simulation/durable_view.hpp"
#include "cli/test/simulation/event_queue.hpp"
#include "cli/test/simulation/log_device.hpp"
#include "cli/test/simulation/memory_disk.hpp"
#include "cli/test/simulation/node_clock.hpp"
#include "cli/test/simulation/snapshot_device.hpp"
#include "cli/test/simulation/truth.hpp"
#include "node/replica/replica.hpp"
#include "node/wire/admission.hpp"

namespace raftkv::simulation {

// What a node's process needs from the world outside, and tells it.
class Surroundings {
  public:
    virtual ~Surroundings() = default;
    virtual void send(std::uint32_t from, std::uint32_t to, const raft::Message& message) = 0;
    virtual void reply(std::uint32_t node, replica::ClientToken client,
                       const protocol::Reply& reply) = 0;
    // The process is about to end by itself.
    virtual void dying(std::uint32_t node, const Error& why) = 0;
    // How many of the voters would still have this entry if the power went everywhere.
    virtual std::size_t durable_copies(const raft::Membership& members, LogIndex index,
                                       std::uint64_t sum) const = 0;
    virtual void changed_role(std::uint32_t node) = 0;
    virtual void committed(std::uint32_t node, LogIndex index) = 0;
    virtual void disk_worked(std::uint32_t node, Micros since, const std::string& what) = 0;
};

enum class Death : std::uint8_t { killed, power_lost, power_lost_in_sync };

// One server: its disk and clock, which stay, and its process, which comes and goes. Every step of
// the process is judged at once by what an onlooker knows.
class Node final : public replica::LogPort,
                   public replica::NetworkPort,
                   public replica::ClientPort {
  public:
    Node(const Plan& plan, std::uint32_t id, EventQueue& events, Truth& truth, Counters& counters,
         Surroundings& surroundings);

    // --- the process
    void start();
    void die(Death how);
    bool alive() const { return replica_ != nullptr; }
    // Its disk is damaged and it knows: it will never serve again.
    bool lost() const { return lost_; }
    // It never starts again.
    void lose() { lost_ = true; }
    // It belongs to the cluster no more, and knows it: it will not start again with this disk.
    bool removed() const { return removed_; }
    // The id of its data folder; 0 in plans where they have none.
    std::uint64_t folder() const { return folder_; }
    // While no process runs: its disk is empty, and it starts as another server of the same id.
    // One that `joins` waits to be told who the members are; else it believes to be one of the
    // first.
    void become_new(bool joins);
    // Its data folder counts for nothing any more, but its word of before may come late: a leader
    // that was asleep hears now what it had on its disk then.
    void keep_log_of_folder();
    // Whether an entry is durable in that data folder, or was when the cluster last needed it.
    // 0: in the present one, whichever it is.
    bool has_durably(std::uint64_t folder, LogIndex index, std::uint64_t sum) const;
    // What it knows of the members, besides its log what others told it in this life.
    wire::KnownMembers known_members() const;
    bool knows(NodeId id) const;
    void introduce(const raft::MembershipAt& members);
    // Another one does not let it speak; once enough have said so it ends.
    void refused(NodeId by, const wire::Refusal& refusal);
    // It learned that it belongs to the cluster no more.
    void end_as_removed();
    std::uint32_t life() const { return life_; }

    void tick();
    void turn();
    void log_task(LogTask task);
    void snapshot_step();
    // A message comes over a connection of which the other side said which folder it has.
    void receive(std::uint32_t from, std::uint64_t folder, raft::Message message);
    void peer_connected(std::uint32_t peer, std::uint64_t folder);
    void peer_disconnected(std::uint32_t peer);
    void submit(replica::ClientToken client, const protocol::Request& request,
                bool behind_writes = false);
    // Leadership goes to that node, or to the most advanced.
    void hand_over(std::optional<NodeId> to);
    raft::ChangeStart change_members(const raft::MemberChange& change);

    // --- the machine
    void pause();
    // What was meant for it meanwhile comes now.
    void resume();
    bool paused() const { return paused_; }
    // True when the node is paused and the event has to wait.
    bool defer(const Event& event);
    storage::MemoryDisk& disk() { return disk_; }
    void slow_disk_down(Micros by);
    void stall_disk(bool stalled);
    NodeClock& clock() { return clock_; }
    // While no process runs.
    void damage(FaultKind how, Dice& dice);
    // The next recovery is interrupted.
    void crash_in_recovery() { crash_in_recovery_ = true; }

    // --- what can be seen
    NodeId id() const { return NodeId(id_); }
    replica::Standing standing() const { return replica_->standing(); }
    replica::Indexes indexes() const { return replica_->indexes(); }
    const replica::Replica& replica() const { return *replica_; }
    const ShadowLog& log() const { return shadow_; }
    const DurableView& durable() const { return view_; }
    bool is_leading() const { return alive() && standing().role == raft::Role::leader; }

    // --- ports
    void submit(raft::LogWrite write) override;
    void fetch(const raft::EntryFetch& fetch) override;
    void send(NodeId to, const raft::Message& message) override;
    void reply(replica::ClientToken client, const protocol::Reply& reply) override;

  private:
    // Submitted to the log and not known to be durable: it may be, or may not.
    struct Truncation {
        std::uint64_t sequence;
        LogIndex from;
    };

    Micros now() const { return events_.now(); }
    void schedule(EventKind kind, Micros after, std::uint64_t payload = 0);
    void want_turn();
    void keep_clock();
    void take(LogNews news);
    void end_by_itself(const Error& why);
    void lose_power_at_work(bool in_sync);
    bool recover(storage::Recovered& recovered, kv::Store& store);
    void judge_recovery(const storage::Recovered& recovered) const;
    void judge_view(const raft::Restored& state) const;
    replica::Options options() const;

    void jump(const raft::SnapshotMark& mark, std::uint64_t sequence);
    void judge_snapshot(const raft::SnapshotInfo& info);
    void judge_segment() const;

    void watch_role();
    void judge_terms();
    void watch_indexes();
    void watch_members();
    void hear_folder(std::uint32_t peer, std::uint64_t folder);
    void start_members(const raft::Restored& restored);
    raft::Membership first_members() const;
    void take_members(const raft::Entry& entry);
    void judge_commit(LogIndex commit);
    void judge_durability(LogIndex commit) const;
    void judge_bounds() const;
    void judge_message(std::uint32_t to, const raft::Message& message);
    void judge_vote(std::uint32_t to, const raft::Message& message);
    void judge_acceptance(const raft::Message& message, LogIndex index) const;
    [[noreturn]] void broken(const char* invariant, const std::string& how) const;

    const Plan& plan_;
    std::uint32_t id_;
    EventQueue& events_;
    Truth& truth_;
    Counters& counters_;
    Surroundings& surroundings_;

    storage::MemoryDisk disk_;
    NodeClock clock_;
    DurableView view_;
    // What was durable when the process ended and it had not given up itself.
    LogIndex durable_at_death_;
    bool damaged_ = false;
    bool lost_ = false;
    bool removed_ = false;
    bool joins_ = false;
    std::uint64_t folder_ = 0;
    std::map<std::uint64_t, ShadowLog> logs_of_former_folders_;
    std::optional<raft::MembershipAt> introduced_;
    wire::Refusals refused_by_;
    bool crash_in_recovery_ = false;

    std::uint32_t life_ = 0;
    std::unique_ptr<LogDevice> log_;
    std::unique_ptr<SnapshotDevice> snapshots_;
    std::unique_ptr<replica::Replica> replica_;
    ShadowLog shadow_;
    // Those in its log, ascending: as entries brought them, whatever the process makes of them.
    std::vector<raft::MembershipAt> memberships_;
    std::uint64_t members_seen_ = 0;
    std::vector<std::uint64_t> folders_heard_;  // by node; 0: none yet
    std::vector<Truncation> truncations_;
    bool turn_wanted_ = false;
    std::uint64_t turns_ = 0;
    replica::Standing seen_;
    std::optional<Term> lost_campaign_;  // as no leader has been heard of since
    Term leads_since_;                   // the term in which it was seen leading before
    replica::Indexes reached_;
    Micros sync_began_ = 0;
    Micros clock_kept_at_ = 0;
    Micros terms_until_ = 0;

    bool paused_ = false;
    std::vector<Event> deferred_;
};

}  // namespace raftkv::simulation
