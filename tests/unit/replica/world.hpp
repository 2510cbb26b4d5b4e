#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "node/replica/replica.hpp"
#include "tests/unit/replica/no_snapshots.hpp"

// Whole replicas in one thread: their clocks, disks, network and clients are made here, and
// everything that happens, happens when the test says so or as a seed decides.

namespace raftkv::replica {

struct HeardReply {
    protocol::ReplyKind kind = protocol::ReplyKind::internal;
    std::uint64_t version = 0;
    std::uint32_t exptime_s = 0;
    std::string value;
    NodeId leader;
};

// How unkind the world is; chances are in percent.
struct Weather {
    unsigned drop = 0, duplicate = 0, reorder = 0;
    unsigned sync = 100;  // that a disk finishes what it has within a turn
};

class World;

// One process: what is lost when it dies, and the disk, which is not.
class Process final : public Clock, public LogPort, public NetworkPort, public ClientPort {
  public:
    Process(World& world, NodeId id) : world_(world), id_(id) {}

    // `wrong_state`: the value of the first command is another in memory than in the log.
    void start(bool wrong_state = false);
    void kill();
    bool alive() const { return replica_ != nullptr; }
    Replica& replica() { return *replica_; }

    // The machine starts anew: only its wall clock goes on, unless what was kept is kept.
    void reboot();
    void jump_wall_clock(std::int64_t ms) { wall_jumped_ms_ += ms; }
    // What a process kept of the cluster's clock, for the next one on this machine.
    void keep_clock() { kept_clock_ = replica_->clock_offsets().value_or(ClockOffsets()); }

    MonotonicMs monotonic() override;
    BootUs boot() override;
    WallMs wall() override;

    // The disk finishes what it was given.
    void sync();
    // The log on its disk.
    const std::vector<raft::Entry>& log() const { return log_; }
    bool has_unsynced() const { return !unsynced_.empty() || !fetches_.empty(); }

    void submit(raft::LogWrite write) override { unsynced_.push_back(std::move(write)); }
    void fetch(const raft::EntryFetch& fetch) override { fetches_.push_back(fetch); }
    void send(NodeId to, const raft::Message& message) override;
    void reply(ClientToken client, const protocol::Reply& reply) override;

  private:
    World& world_;
    NodeId id_;
    // On disk.
    raft::HardState hard_;
    std::vector<raft::Entry> log_;
    LogIndex commit_;
    // Of its machine.
    std::int64_t wall_jumped_ms_ = 0;
    std::int64_t booted_ms_ = 0;
    ClockOffsets kept_clock_;
    // In memory.
    std::unique_ptr<Replica> replica_;
    std::deque<raft::LogWrite> unsynced_;
    std::deque<raft::EntryFetch> fetches_;
    NoSnapshots snapshots_;
};

class World final {
  public:
    World(std::uint32_t servers, std::uint64_t seed, std::size_t turn_bytes = 1 << 20);

    std::int64_t now_ms() const { return now_ms_; }
    // Nothing runs and nothing moves meanwhile, but the clocks do.
    void stand_still(std::int64_t ms) { now_ms_ += ms; }
    void jump_all_wall_clocks(std::int64_t ms) {
        for (auto& process : processes_) process->jump_wall_clock(ms);
    }

    std::uint32_t size() const { return static_cast<std::uint32_t>(processes_.size()); }
    Process& process(std::uint32_t id) { return *processes_[id]; }
    Replica& replica(std::uint32_t id) { return processes_[id]->replica(); }

    void kill(std::uint32_t id);
    void restart(std::uint32_t id, bool wrong_state = false);
    void cut(std::uint32_t id, bool cut) { cut_[id] = cut; }

    // A command of a client to a server; its number. Over a connection of its own, or over one of
    // that number, behind those that were sent over it before.
    std::uint64_t send(std::uint32_t server, const protocol::Request& request,
                       std::uint64_t connection = 0);
    std::size_t answers() const { return heard_.size(); }
    // What came back, if it has.
    const HeardReply* heard(std::uint64_t command) const;

    // A few milliseconds pass: messages and disks move, timers fire.
    void step();
    // Steps until a condition holds; false when it does not for 20 s of the world's time.
    template <class Condition>
    bool until(Condition condition) {
        for (int i = 0; i < 4000; ++i) {
            if (condition()) return true;
            step();
        }
        return false;
    }
    // So much time passes.
    void pass(std::int64_t ms) {
        for (; ms > 0; ms -= 5) step();
    }
    // The server that serves as leader, waiting for one.
    std::uint32_t leader();
    // Sends to the leader and waits for the answer.
    HeardReply ask(const protocol::Request& request);

    Weather weather;

  private:
    friend class Process;
    void deliver();

    struct Packet {
        NodeId from, to;
        std::string bytes;
    };
    std::mt19937_64 random_;
    std::int64_t now_ms_ = 1000;
    std::vector<std::unique_ptr<Process>> processes_;
    std::vector<bool> cut_;
    std::deque<Packet> network_;
    std::map<std::uint64_t, HeardReply> heard_;
    std::map<std::uint64_t, std::vector<std::uint64_t>> writes_;  // of each connection
    std::uint64_t last_command_ = 0;
    std::size_t turn_bytes_;
};

protocol::Request set(std::string_view key, std::string_view value, std::uint32_t exptime_s = 0);
protocol::Request get(std::string_view key);
protocol::Request getm(std::string_view key);
protocol::Request del(std::string_view key);
protocol::Request cas(std::string_view key, std::uint64_t version, std::string_view value,
                      std::uint32_t exptime_s = 0);

}  // namespace raftkv::replica
