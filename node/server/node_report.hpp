#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/faults/fault_spec.hpp"
#include "common/strong_types.hpp"
#include "node/kv/store.hpp"
#include "node/replica/status.hpp"
#include "node/server/log_thread.hpp"

namespace raftkv::server {

// Everything that a node tells about itself.
struct NodeReport {
    replica::Status replica;
    LogThread::Stats log;
    ClusterMs state_clock;
    std::size_t client_connections = 0;
    std::size_t client_buffer_bytes = 0;
    std::int64_t uptime_ms = 0;
    std::int64_t pid = 0;
    std::uint64_t memory_bytes = 0;  // resident
    std::vector<FaultSpec> faults;   // in force, on order
};

// Where the admin port gets its answers from.
class ReportSource {
  public:
    virtual NodeReport report() const = 0;
    virtual const kv::Store& store() const = 0;

  protected:
    ~ReportSource() = default;
};

// What the kernel says about this process.
std::uint64_t resident_bytes();

}  // namespace raftkv::server
