#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/claim.hpp"

// What a server that belongs to no cluster does about it, from what it hears of the others. Pure:
// it is told everything, the time too.

namespace raftkv::raft {

// What another server said when it connected.
struct Greeting {
    NodeId from;
    Claim claim;
    bool knows_us = false;         // a member has our id there
    std::uint64_t our_folder = 0;  // which is known to have this folder; 0: none yet
};

enum class Waits : std::uint8_t {
    nothing,
    others,         // it has not met all servers of the configuration, and gives them time
    order,          // automatic bootstrap is forbidden
    disk_is_empty,  // its folder was lost: a cluster knows it by another one
    not_a_member,   // of the cluster that it has met
    more_members,   // a cluster would take it in, and it waits for more servers to say so
    recorded,       // a cluster was bootstrapped here, and nobody of it was met yet
};

struct LobbyVerdict {
    bool may_found = false;
    std::uint64_t join = 0;  // this cluster
    Waits waits = Waits::nothing;
    std::uint64_t cluster = 0;       // that it has met, or that is recorded
    std::optional<NodeId> met = {};  // who said so
    // For a while all that it has heard belong to that cluster, or to none.
    bool undisputed = false;
    std::uint64_t offered = 0;  // another cluster, which would take it in; 0: none
    std::optional<NodeId> offered_by = {};

    bool operator==(const LobbyVerdict&) const = default;
};

class Lobby {
  public:
    struct Options {
        NodeId self;
        std::vector<NodeId> servers;  // of the configuration
        std::uint64_t folder = 0;     // of this server
        bool only_when_told = false;  // automatic bootstrap is forbidden
        // How long it waits for servers that it has not met. They may have data, and take their
        // time to start.
        std::int64_t patience_ms = 1000;
    };

    Lobby(Options options, MonotonicMs now);

    void heard(const Greeting& greeting);
    // A server of this cluster does not let us in. `knows_us`: a member has our id there, with
    // another folder.
    void refused(NodeId by, std::uint64_t cluster, bool knows_us);
    // Beside its folder there is a record of this cluster; 0: none.
    void recorded(std::uint64_t cluster);
    void told_to_found();

    LobbyVerdict verdict(const Claim& own, MonotonicMs now) const;

  private:
    bool is_server(NodeId id) const;
    bool takes_us(const Greeting& greeting) const;
    std::uint64_t cluster_to_join(MonotonicMs now) const;
    bool is_patient(MonotonicMs now) const { return now - started_ < options_.patience_ms; }
    std::optional<LobbyVerdict> waits_for_cluster(const Claim& own) const;
    bool comes_before(const LobbyVerdict& one, const LobbyVerdict& other) const;
    LobbyVerdict decide(const Claim& own, MonotonicMs now) const;
    bool has_heard_only_of(std::uint64_t cluster) const;
    bool met_all() const;

    const Options options_;
    const MonotonicMs started_;
    std::vector<Greeting> heard_;    // the latest of each server
    std::vector<Greeting> refused_;  // the same of those that do not let it in
    std::uint64_t recorded_ = 0;
    bool told_ = false;
};

}  // namespace raftkv::raft
