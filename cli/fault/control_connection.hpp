#pragma once

#include <string>

#include "common/config.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

namespace raftkv::cli {

// A connection to the control socket of one node. Blocking, one thread.
class ControlConnection {
  public:
    // Errors as node_faults.hpp says.
    static Result<ControlConnection> open(const ClusterConfig& config, NodeId node);

    ControlConnection(ControlConnection&& other) noexcept;
    ControlConnection& operator=(ControlConnection&&) = delete;
    ~ControlConnection();

    // Sends a line and waits for what comes after "ok" in the answer; "error" is an Error of kind
    // usage. `line` has no end of its own.
    Result<std::string> ask(const std::string& line);
    // A further line of an answer.
    Result<std::string> next_line();

  private:
    ControlConnection(NodeId node, int descriptor) : node_(node), descriptor_(descriptor) {}
    Error lost(const std::string& reason) const;

    NodeId node_;
    int descriptor_;
    std::string received_;
};

}  // namespace raftkv::cli
