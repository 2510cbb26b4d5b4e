#include "node/server/admin/admin_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/thread_pool.hpp>
#include <string_view>
#include <utility>

#include "node/server/admin/admin_connection.hpp"
#include "node/server/listener.hpp"

namespace raftkv::server {
struct AdminServer::Impl {
    Impl(boost::asio::io_context& io, const ReportSource& source, AdminOrders& orders,
         SnapshotSource& snapshots, const AdminPatience& patience, std::size_t most)
        : max_connections(most), shared{io, disk, source, orders, snapshots, patience} {}

    // Whoever asks nothing makes room for whoever may.
    void accept(int fd) {
        AdminCounts& counts = *shared.counts;
        if (counts.connections >= max_connections && counts.waiting.empty()) return turn_away(fd);
        if (counts.connections >= max_connections) {
            const auto make_room = std::move(counts.waiting.front());  // it leaves the list
            make_room();
        }
        serve_admin(fd, shared);
    }

    static void turn_away(int fd) {
        constexpr std::string_view answer =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\n"
            "Content-Length: 40\r\nConnection: close\r\n\r\n"
            "too many are asking at once; try again\r\n";
        ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        ::close(fd);
    }

    const std::size_t max_connections;
    const AdminShared shared;
    boost::asio::thread_pool disk{1};  // ends before what its last task may use
    std::unique_ptr<Listener> listener;
};

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminServer::~AdminServer() = default;

Result<std::unique_ptr<AdminServer>> AdminServer::open(
    boost::asio::io_context& io, const std::string& host, std::uint16_t port,
    const ReportSource& source, AdminOrders& orders, SnapshotSource& snapshots,
    const AdminPatience& patience, std::size_t max_connections) {
    auto impl = std::make_unique<Impl>(io, source, orders, snapshots, patience, max_connections);
    auto listener = Listener::open(io, host, port, "AdminPort",
                                   [raw = impl.get()](int fd) { raw->accept(fd); });
    if (!listener.ok()) return listener.error();
    impl->listener = std::move(listener).value();
    return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

void AdminServer::on_failure(std::function<void(const Error&)> call) {
    impl_->listener->set_calls({.failed = std::move(call)});
}

Result<void> AdminServer::start() {
    return impl_->listener->start();
}

void AdminServer::stop() {
    impl_->listener->stop();
}

}  // namespace raftkv::server
