#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/admin/admin_client.hpp"
#include "common/config.hpp"

namespace raftkv::bench {

// What a node said of itself, and when.
struct Look {
    std::chrono::steady_clock::time_point at;
    cli::NodeStatus status;
};

// What a node spent between two looks.
struct NodeUse {
    std::string name;       // "node 0"
    bool answered = false;  // its admin port, at least twice; else nothing below is known
    bool leads = false;     // at the end
    Term term{};
    double seconds = 0;              // between the looks
    double cpu_cores = 0;            // 0 where a node of an older version does not say
    std::uint64_t memory_bytes = 0;  // at the end
    double syncs_per_second = 0;
    double entries_per_sync = 0;
};

NodeUse use_between(const Look& first, const Look& last);
// One that died as the leader was the last to say so: only who leads in the latest term does.
void keep_latest_leader(std::vector<NodeUse>& nodes);

// Looks at the nodes' admin ports every now and then, on a thread of its own.
class NodeWatch {
  public:
    NodeWatch(std::vector<ServerConfig> nodes, std::chrono::milliseconds interval);
    NodeWatch(const NodeWatch&) = delete;
    NodeWatch& operator=(const NodeWatch&) = delete;
    ~NodeWatch();

    // Ends the watch. What was used from `from` to `to`, by the looks within; one for each node, in
    // their order.
    std::vector<NodeUse> use(std::chrono::steady_clock::time_point from,
                             std::chrono::steady_clock::time_point to);

  private:
    void look();
    void end();

    const std::vector<ServerConfig> nodes_;
    const std::chrono::milliseconds interval_;
    std::vector<std::vector<Look>> looks_;  // of each node; of the thread until it has ended
    std::mutex mutex_;                      // guards ending_
    std::condition_variable ended_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace raftkv::bench
