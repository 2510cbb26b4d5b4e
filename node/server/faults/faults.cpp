#include "node/server/faults/faults.hpp"

#include <algorithm>
#include <utility>

#include "common/log.hpp"
#include "node/server/faults/faulty_disk.hpp"

namespace raftkv::server {

Faults::Faults(std::unique_ptr<replica::Clock> clock, const ClusterConfig& config, NodeId self,
               std::uint64_t seed)
    : clock_(std::move(clock)), faulty_clock_(*clock_), links_(*clock_, seed) {
    for (const ServerConfig& server : config.servers) {
        if (server.id != self) peers_.push_back(server.id);
    }
}

std::unique_ptr<storage::Disk> Faults::around(std::unique_ptr<storage::Disk> disk) {
    return make_faulty_disk(std::move(disk), disk_);
}

PeerEvents& Faults::around(PeerEvents& events) {
    links_.lead_to(events);
    return links_;
}

replica::NetworkPort& Faults::around(replica::NetworkPort& network) {
    links_.lead_to(network);
    return links_;
}

Result<void> Faults::apply(const FaultSpec& fault) {
    if (fault.peer && std::count(peers_.begin(), peers_.end(), *fault.peer) == 0) {
        return Error{ErrorKind::usage, "no other node of this cluster has the id " +
                                           std::to_string(fault.peer->value())};
    }
    table_.add(fault, clock_->monotonic());
    log::warn("fault: " + to_text(fault));
    put_in_force();
    return {};
}

void Faults::clear() {
    if (table_.any()) log::warn("all faults are lifted");
    table_.clear();
    put_in_force();
}

std::vector<FaultSpec> Faults::active() const {
    return table_.list(clock_->monotonic());
}

bool Faults::advance() {
    if (table_.expire(clock_->monotonic())) {
        log::warn("a fault is over; left: " + (table_.any() ? summary_of(active()) : "none"));
        put_in_force();
    }
    links_.advance();
    return table_.any() || links_.anything_waits();
}

void Faults::put_in_force() {
    std::vector<FaultSpec> faults = active();
    DiskFaults::State disk;
    std::int64_t jump_ms = 0, rate = 0;
    for (const FaultSpec& fault : faults) {
        switch (fault.kind) {
            case FaultKind::cut:
            case FaultKind::delay:
            case FaultKind::drop:
                break;
            case FaultKind::disk_full:
                disk.full = true;
                break;
            case FaultKind::slow_disk:
                disk.slow_ms = fault.amount;
                break;
            case FaultKind::stall_disk:
                disk.stalled = true;
                break;
            case FaultKind::fail_disk:
                disk.fails = true;
                break;
            case FaultKind::clock_jump:
                jump_ms = fault.amount;
                break;
            case FaultKind::clock_rate:
                rate = fault.amount;
                break;
        }
    }
    disk_.set(disk);
    faulty_clock_.set_jump(jump_ms);
    faulty_clock_.set_rate(rate);
    links_.obey(faults);
}

}  // namespace raftkv::server
