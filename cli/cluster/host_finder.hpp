#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/cluster/port_check.hpp"
#include "common/strong_types.hpp"

namespace boost::asio {
class io_context;
}

namespace raftkv::cli {

// Finds out where the hosts are whose names do not resolve yet: asks again and again, in a thread
// of its own, as long as that takes.
class HostFinder {
  public:
    // Called on the io_context's thread, once for each node that was added.
    using OnFound = std::function<void(NodeId id, const Whereabouts& where)>;

    HostFinder(boost::asio::io_context& context, OnFound on_found);
    // Waits for the thread: about as long as one look-up may take.
    ~HostFinder();

    void add(NodeId id, const std::string& host);
    void remove(NodeId id);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::cli
