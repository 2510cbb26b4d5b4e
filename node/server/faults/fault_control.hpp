#pragma once

#include <filesystem>
#include <memory>

#include "common/result.hpp"
#include "node/server/faults/faults.hpp"

namespace boost::asio {
class io_context;
}

namespace raftkv::server {

// The socket, in the node's folder and for its user alone, over which a node is told of faults. A
// line each way (README.md); several clients at a time.
class FaultControl {
  public:
    // In the place of a socket that a process before left behind: the caller holds the folder.
    static Result<std::unique_ptr<FaultControl>> open(boost::asio::io_context& io,
                                                      const std::filesystem::path& folder,
                                                      Faults& faults);
    // Removes the socket.
    ~FaultControl();

  private:
    struct Impl;
    explicit FaultControl(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace raftkv::server
