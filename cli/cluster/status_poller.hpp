#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/admin/admin_client.hpp"
#include "common/config.hpp"
#include "common/result.hpp"

namespace boost::asio {
class io_context;
}

namespace raftkv::cli {

// Asks every node how it is, again and again, a thread for each: one that does not answer delays
// no other.
class StatusPoller {
  public:
    // Called on the io_context's thread. Nothing: no answer.
    using OnStatus = std::function<void(NodeId id, std::optional<NodeStatus> status)>;

    StatusPoller(boost::asio::io_context& context, const OnStatus& on_status);
    // Waits for the threads: at most as long as one question takes.
    ~StatusPoller();

    void add(const ServerConfig& server);
    // What was asked before may still be answered.
    void remove(NodeId id);

  private:
    struct Thread;
    boost::asio::io_context& context_;
    const OnStatus on_status_;
    std::vector<std::unique_ptr<Thread>> threads_;
    std::vector<std::unique_ptr<Thread>> ending_;  // told to
};

}  // namespace raftkv::cli
