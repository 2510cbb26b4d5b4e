#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "common/config.hpp"
#include "common/faults/fault_spec.hpp"
#include "common/result.hpp"
#include "node/replica/ports.hpp"
#include "node/server/faults/disk_faults.hpp"
#include "node/server/faults/fault_table.hpp"
#include "node/server/faults/faulty_clock.hpp"
#include "node/server/faults/faulty_links.hpp"
#include "node/storage/disk.hpp"

namespace raftkv::server {

// Stands between a node and its world, and makes go wrong what it is told to: a clock, a disk and
// connections like the real ones, until apply(). Exists only in a node that allows faults. One
// thread, but for the disk.
class Faults {
  public:
    // `clock` is the real one. `seed` decides which messages are dropped.
    Faults(std::unique_ptr<replica::Clock> clock, const ClusterConfig& config, NodeId self,
           std::uint64_t seed);

    // What the node uses in the place of the real ones.
    std::unique_ptr<storage::Disk> around(std::unique_ptr<storage::Disk> disk);
    PeerEvents& around(PeerEvents& events);
    replica::NetworkPort& around(replica::NetworkPort& network);
    // Who can be named as the other end of a link.
    void set_peers(std::vector<NodeId> peers) { peers_ = std::move(peers); }
    replica::Clock& clock() { return faulty_clock_; }

    // Errors are of kind usage: the peer is none of this node's.
    Result<void> apply(const FaultSpec& fault);
    void clear();
    // Those in force, with how much longer.
    std::vector<FaultSpec> active() const;

    // Lifts what is over, and lets go what waited long enough. False when there is nothing that
    // another call could do.
    bool advance();

  private:
    void put_in_force();

    const std::unique_ptr<replica::Clock> clock_;
    std::vector<NodeId> peers_;
    FaultTable table_;
    DiskFaults disk_;
    FaultyClock faulty_clock_;
    FaultyLinks links_;
};

}  // namespace raftkv::server
