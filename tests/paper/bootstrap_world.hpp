#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "node/raft/core.hpp"
#include "node/raft/lobby.hpp"

// Servers that start empty, crash and lose their disks at random, and make a cluster, or more than
// one, or join the one that there is. Each core has its disk, its Lobby, and the record beside its
// folder, which outlives the disk. What nobody may ever see is checked after every event.

namespace raftkv::paper {

struct BootstrapPlan {
    std::uint64_t seed = 1;
    std::uint32_t servers = 3;
    bool wipes = false;          // disks are lost
    bool loses_records = false;  // and what says that there was a cluster, too
};

class BootstrapWorld {
  public:
    explicit BootstrapWorld(const BootstrapPlan& plan);

    // Events at random for so long, with crashes and, where the plan has them, wipes.
    void live(std::int64_t ms);
    // No more faults: all run, and reach each other.
    void heal_for(std::int64_t ms);

    void start(std::uint32_t id);
    void crash(std::uint32_t id);
    void wipe(std::uint32_t id, bool keep_record);
    // Those that are left out are never started by chance.
    void keep_down(std::uint32_t id) { kept_down_.insert(id); }
    void let_up(std::uint32_t id) { kept_down_.erase(id); }

    // What is wrong, as soon as anything was; empty: nothing.
    const std::string& trouble() const { return trouble_; }
    // All that somebody belonged to for good.
    const std::set<std::uint64_t>& clusters() const { return clusters_; }
    raft::Claim claim(std::uint32_t id) const { return servers_[id].core->claim(); }
    raft::LobbyVerdict verdict(std::uint32_t id) const;
    std::optional<std::uint32_t> leader() const;
    LogIndex commit(std::uint32_t id) const { return servers_[id].core->commit(); }
    bool has_all_that_was_acknowledged(std::uint32_t id) const;

  private:
    struct Disk {
        raft::HardState hard;
        std::vector<raft::Entry> log;
        LogIndex commit;
        std::uint64_t cluster = 0;
        std::uint64_t folder = 0;
    };
    struct Server {
        Disk disk;
        std::uint64_t record = 0;
        std::unique_ptr<raft::Core> core;
        std::unique_ptr<raft::Lobby> lobby;
        raft::Effects effects;
        std::deque<raft::LogWrite> unsynced;
        std::deque<raft::DurableEnvelope> waiting;
        std::uint64_t durable = 0;
        bool takes_part = true;
    };
    using Link = std::pair<std::uint32_t, std::uint32_t>;

    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    raft::Restored restored(const Disk& disk) const;
    void event();
    void fault();
    void pass_time();
    void sync(Server& server);
    void deliver(const Link& link);
    void try_to_meet(std::uint32_t a, std::uint32_t b);
    void greet(std::uint32_t from, std::uint32_t to);
    bool accepts(std::uint32_t own, std::uint32_t other);
    void disconnect(std::uint32_t id);
    void observe(std::uint32_t id);
    void propose();
    void carry_out(std::uint32_t id);
    void check(std::uint32_t id);
    void wrong(const std::string& what);

    const BootstrapPlan plan_;
    std::mt19937_64 random_;
    std::int64_t now_ = 0;
    std::vector<Server> servers_;
    std::set<Link> links_;  // the lower id first
    std::map<Link, std::deque<raft::Message>> network_;
    std::set<std::uint32_t> kept_down_;
    std::uint64_t folders_ = 0;
    std::uint64_t proposed_ = 0;
    std::set<std::uint64_t> clusters_;
    std::map<std::uint64_t, std::uint64_t> cluster_of_folder_;
    // By cluster: what a leader has told to be done; the terms of the entries.
    std::map<std::uint64_t, std::map<LogIndex, Term>> acknowledged_;
    std::map<std::pair<std::uint64_t, LogIndex>, std::string> proposals_;
    std::string trouble_;
};

}  // namespace raftkv::paper
