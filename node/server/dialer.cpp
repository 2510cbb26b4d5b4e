#include "node/server/dialer.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <random>
#include <utility>

#include "node/server/name_lookup.hpp"

namespace raftkv::server {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr milliseconds shortest_wait{20};
constexpr milliseconds longest_wait{1000};
constexpr milliseconds connect_timeout{1000};
// After that the addresses that were found before are good enough.
constexpr milliseconds lookup_timeout{1000};
// Data that nobody acknowledges for so long means that the machine at the other end is gone.
constexpr unsigned unacknowledged_ms = 5000;
constexpr int keepalive_s = 5;

void prepare(tcp::socket& socket) {
    socket.native_non_blocking(true);
    socket.set_option(tcp::no_delay(true));
    int fd = socket.native_handle();
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &keepalive_s, sizeof(keepalive_s));
    ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof(unacknowledged_ms));
}

}  // namespace

// Whatever is under way holds it; once its owner is gone that comes to nothing.
struct Dialer::Impl : std::enable_shared_from_this<Dialer::Impl> {
    Impl(boost::asio::io_context& io, std::string host_in, std::uint16_t port_in,
         std::function<void(int)> on_connected_in)
        : on_connected(std::move(on_connected_in)),
          reports(host_in),
          name(io, std::move(host_in), port_in, false),
          socket(io),
          timer(io),
          random(std::random_device{}()) {}

    void resolve() {
        waiting = false;
        resolving = true;
        timer.expires_after(lookup_timeout);
        timer.async_wait([weak = weak_from_this()](const error_code& error) {
            const auto self = weak.lock();
            if (error || !self || !self->resolving || self->abandoned) return;
            self->reports.failed("no answer within a second");
            if (!self->addresses.empty()) self->connect();
        });
        name.begin([weak = weak_from_this()](const Result<Endpoints>& found) {
            if (const auto self = weak.lock(); self && !self->abandoned) self->resolved(found);
        });
    }

    // Perhaps late: then it is for the next connection.
    void resolved(const Result<Endpoints>& found) {
        if (found) {
            addresses = *found;
            reports.found();
        } else {
            reports.failed(found.error().message);
        }
        if (!resolving) return;
        if (!addresses.empty()) return connect();
        resolving = false;
        wait();
    }

    void connect() {
        resolving = false;
        timer.expires_after(connect_timeout);
        timer.async_wait([self = shared_from_this()](const error_code& error) {
            if (error) return;
            error_code ignored;
            self->socket.close(ignored);  // ends the attempt with an error
        });
        boost::asio::async_connect(
            socket, addresses,
            [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
                if (self->abandoned) return;
                self->timer.cancel();
                if (error || !self->socket.is_open()) return self->wait();
                self->hand_over();
            });
    }

    void hand_over() {
        error_code error;
        prepare(socket);
        int fd = socket.release(error);
        if (error) return wait();
        on_connected(fd);
    }

    void wait() {
        error_code ignored;
        socket.close(ignored);
        waiting = true;
        std::uniform_int_distribution<long> jitter(longest.count() / 2, longest.count());
        longest = std::min(longest * 2, longest_wait);
        timer.expires_after(milliseconds(jitter(random)));
        timer.async_wait([self = shared_from_this()](const error_code& error) {
            if (!error && self->waiting && !self->abandoned) self->resolve();
        });
    }

    void abandon() {
        abandoned = true;
        error_code ignored;
        socket.close(ignored);
        timer.cancel();
    }

    const std::function<void(int)> on_connected;
    NameReports reports;
    NameLookup name;
    Endpoints addresses;     // that were found last
    bool resolving = false;  // and the connection waits for it
    tcp::socket socket;
    boost::asio::steady_timer timer;
    milliseconds longest = shortest_wait;  // of the next wait
    bool waiting = false;
    bool abandoned = false;
    std::minstd_rand random;
};

Dialer::Dialer(boost::asio::io_context& io, std::string host, std::uint16_t port,
               std::function<void(int)> on_connected)
    : impl_(std::make_shared<Impl>(io, std::move(host), port, std::move(on_connected))) {}

Dialer::~Dialer() {
    impl_->abandon();
}

void Dialer::start() {
    impl_->resolve();
}

void Dialer::again(bool healthy) {
    if (healthy) impl_->longest = shortest_wait;
    impl_->wait();
}

void Dialer::hurry() {
    if (!impl_->waiting) return;
    impl_->longest = shortest_wait;
    impl_->resolve();  // which takes the timer over
}

}  // namespace raftkv::server
