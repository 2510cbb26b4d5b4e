#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/result.hpp"
#include "node/server/admin/admin_orders.hpp"
#include "node/server/admin/node_report.hpp"
#include "node/server/admin/snapshot_source.hpp"

namespace boost::asio {
class io_context;
}

namespace raftkv::server {

// How long somebody is waited for.
struct AdminPatience {
    std::chrono::milliseconds request{10'000};  // to send one, or to take a piece of an answer
    std::chrono::milliseconds idle{60'000};     // between two of one connection
};

// The admin port: HTTP. GET asks (admin_routes), POST orders.
class AdminServer {
  public:
    static Result<std::unique_ptr<AdminServer>> open(boost::asio::io_context& io,
                                                     const std::string& host, std::uint16_t port,
                                                     const ReportSource& source,
                                                     AdminOrders& orders, SnapshotSource& snapshots,
                                                     const AdminPatience& patience = {},
                                                     std::size_t max_connections = 64);
    ~AdminServer();

    // Before start(): what to do when the AdminHost resolves late, and to nothing of use.
    void on_failure(std::function<void(const Error&)> call);
    Result<void> start();
    void stop();

  private:
    struct Impl;
    explicit AdminServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::server
