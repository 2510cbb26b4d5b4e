#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/result.hpp"
#include "node/server/admin_orders.hpp"
#include "node/server/node_report.hpp"
#include "node/server/snapshot_source.hpp"

namespace boost::asio {
class io_context;
}

namespace raftkv::server {

// The admin port: HTTP. GET asks (admin_routes), POST orders.
class AdminServer {
  public:
    static Result<std::unique_ptr<AdminServer>> open(boost::asio::io_context& io,
                                                     const std::string& host, std::uint16_t port,
                                                     const ReportSource& source,
                                                     AdminOrders& orders,
                                                     SnapshotSource& snapshots);
    ~AdminServer();

    Result<void> start();
    void stop();

  private:
    struct Impl;
    explicit AdminServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::server
