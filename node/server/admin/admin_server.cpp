#include "node/server/admin/admin_server.hpp"

#include <unistd.h>

#include <boost/asio/thread_pool.hpp>
#include <utility>

#include "node/server/admin/admin_connection.hpp"
#include "node/server/listener.hpp"

namespace raftkv::server {
namespace {

constexpr int max_connections = 64;

}  // namespace

struct AdminServer::Impl {
    Impl(boost::asio::io_context& io, const ReportSource& source, AdminOrders& orders,
         SnapshotSource& snapshots, const AdminPatience& patience)
        : shared{io, disk, source, orders, snapshots, patience} {}

    void accept(int fd) {
        if (shared.counts->connections < max_connections) return serve_admin(fd, shared);
        ::close(fd);
    }

    const AdminShared shared;
    boost::asio::thread_pool disk{1};  // ends before what its last task may use
    std::unique_ptr<Listener> listener;
};

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminServer::~AdminServer() = default;

Result<std::unique_ptr<AdminServer>> AdminServer::open(boost::asio::io_context& io,
                                                       const std::string& host, std::uint16_t port,
                                                       const ReportSource& source,
                                                       AdminOrders& orders,
                                                       SnapshotSource& snapshots,
                                                       const AdminPatience& patience) {
    auto impl = std::make_unique<Impl>(io, source, orders, snapshots, patience);
    auto listener = Listener::open(io, host, port, "AdminPort",
                                   [raw = impl.get()](int fd) { raw->accept(fd); });
    if (!listener.ok()) return listener.error();
    impl->listener = std::move(listener).value();
    return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

Result<void> AdminServer::start() {
    return impl_->listener->start();
}

void AdminServer::stop() {
    impl_->listener->stop();
}

}  // namespace raftkv::server
