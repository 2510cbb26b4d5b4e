#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>

#include "node/server/admin/admin_orders.hpp"
#include "node/server/admin/admin_server.hpp"
#include "node/server/admin/node_report.hpp"
#include "node/server/admin/snapshot_source.hpp"

namespace boost::asio {
class io_context;
class thread_pool;
}  // namespace boost::asio

namespace raftkv::server {

// Of all connections of a port.
struct AdminCounts {
    std::size_t connections = 0;
    // Ends a connection that has yet to ask something: one for each, the longest wait first.
    std::list<std::function<void()>> waiting;
    int dumps = 0;
    int snapshots = 0;
};

// What they share; outlives them, but for the counts.
struct AdminShared {
    boost::asio::io_context& io;
    boost::asio::thread_pool& disk;  // for what may wait for the disk
    const ReportSource& source;
    AdminOrders& orders;
    SnapshotSource& snapshots;
    const AdminPatience patience;
    const std::shared_ptr<AdminCounts> counts = std::make_shared<AdminCounts>();
};

// Owns the socket, which is non-blocking, and answers what is asked over it, in order, until one of
// the two ends has had enough.
void serve_admin(int fd, const AdminShared& shared);

}  // namespace raftkv::server
