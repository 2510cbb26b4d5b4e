#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "cli/test/cancellation.hpp"
#include "cli/test/client_crew.hpp"
#include "common/strong_types.hpp"

namespace raftkv::chaos {

// What the clients do all the while: a mix of all commands, at a pace that leaves the machine room
// for the cluster. Any thread.
class Load {
  public:
    // The values that clients write come from the seed; `nodes` are all nodes.
    Load(std::uint64_t seed, std::vector<NodeId> nodes) : seed_(seed), nodes_(std::move(nodes)) {}

    // For ClientCrew; this object must outlive the crew.
    test::Work work();

    // The clients return when they are done with what they do now.
    void stop() { stop_.request(); }
    // So many bytes are written in large values beside everything else: what a full disk has left
    // is soon used up.
    void fill(std::int64_t bytes) { to_fill_ = bytes; }
    std::uint64_t turns() const { return turns_; }

  private:
    Result<void> run(test::RecordingClient& client, std::uint32_t number);
    bool claim_filling();

    std::uint64_t seed_;
    std::vector<NodeId> nodes_;
    test::Cancellation stop_;
    std::atomic<std::uint64_t> turns_{0};
    std::atomic<std::int64_t> to_fill_{0};
};

}  // namespace raftkv::chaos
