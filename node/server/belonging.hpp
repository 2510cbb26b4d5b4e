#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/config.hpp"
#include "common/strong_types.hpp"
#include "node/raft/lobby.hpp"
#include "node/replica/replica.hpp"
#include "node/server/admin/admin_routes.hpp"
#include "node/server/peer_hub.hpp"
#include "node/wire/greeting.hpp"

namespace raftkv::server {

// Which cluster this node belongs to: what raft::Lobby decides is carried out here, with the record
// beside the node's folder, and people are told.
class Belonging {
  public:
    // `new_cluster`: the identity of the cluster that this node would make.
    Belonging(const ClusterConfig& config, NodeId id, std::uint64_t folder,
              std::uint64_t new_cluster, MonotonicMs now);

    void on_hello(const wire::Hello& hello);
    // The peer was called at the address that is known of it.
    void on_refused(NodeId peer, const wire::Refusal& refusal);
    // POST /bootstrap: automatic bootstrap may be forbidden, this is the order to.
    AdminAnswer bootstrap();

    // To be called now and then, not from within an event.
    void observe(replica::Replica& replica, PeerHub& peers, MonotonicMs now);

    // Why this node waits, if it does, and which servers belong to another cluster.
    void tell(NodeReport& report) const {
        report.waits = waits_;
        report.foreigners = foreigners_;
    }

  private:
    void look_for_record();
    void note_record(std::uint64_t cluster);
    void belongs_now(const replica::Replica& replica);
    void note_foreigner(NodeId peer, std::uint64_t cluster);

    const ClusterConfig& config_;
    const NodeId id_;
    const std::uint64_t new_cluster_;
    raft::Lobby lobby_;
    raft::Claim claim_;
    bool takes_part_ = true;
    bool had_cluster_ = true;  // when it started
    bool observed_ = false;
    std::string recorded_where_;
    std::string waits_;
    std::vector<std::pair<NodeId, std::uint64_t>> foreigners_;
};

}  // namespace raftkv::server
