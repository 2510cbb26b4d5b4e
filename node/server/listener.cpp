#include "node/server/listener.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

#include "node/server/log_limiter.hpp"
#include "node/server/name_lookup.hpp"
#include "node/server/port_holder.hpp"
#include "node/server/system_clock.hpp"

namespace raftkv::server {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int backlog = 4096;
constexpr int accepts_per_turn = 64;
constexpr std::chrono::milliseconds pause_when_full{100};
constexpr std::chrono::milliseconds found_at_once_within{1000};
constexpr std::chrono::milliseconds between_lookups{1000};

// Who vanished without a word is noticed within two minutes, whatever was being said.
void notice_when_gone(int fd) {
    const int on = 1, idle_s = 60, interval_s = 10, count = 5;
    const unsigned client_silence_ms = 110'000;
    ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof(interval_s));
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
    ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &client_silence_ms, sizeof(client_silence_ms));
}

int open_spare() {
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

// An address that this machine does not have, or a family that its kernel does not speak: a name
// may resolve to more than what is there.
bool is_absent(const error_code& error) {
    return error == boost::asio::error::address_family_not_supported ||
           error == boost::system::errc::address_not_available;
}

}  // namespace

struct Listener::Impl {
    Impl(boost::asio::io_context& io_in, const std::string& host, std::uint16_t port_in,
         const std::string& purpose, std::function<void(int)> on_accept_in,
         std::function<void(int)> on_turned_away_in)
        : io(io_in),
          where(purpose + " " + std::to_string(port_in) + " of " + host),
          port(port_in),
          on_accept(std::move(on_accept_in)),
          on_turned_away(std::move(on_turned_away_in)),
          retry(io),
          spare(open_spare()),
          is_loopback_name(host == "localhost"),
          reports(host),
          name(io, host, port, true),
          next_lookup(io) {}
    ~Impl() {
        if (spare >= 0) ::close(spare);
    }

    Result<void> bind_all(const Endpoints& endpoints);
    Result<void> listen();
    void look_up_later();
    void look_up();
    void tell_loopback() const;
    error_code bind(const tcp::endpoint& endpoint);
    Error explain(const error_code& error) const;
    void wait(tcp::acceptor& acceptor);
    void accept_some(tcp::acceptor& acceptor);
    void turn_away(tcp::acceptor& acceptor);

    boost::asio::io_context& io;
    const std::string where;  // "ClientPort 9000 of localhost"
    const std::uint16_t port;
    const std::function<void(int)> on_accept, on_turned_away;
    LogLimiter limiter;
    std::vector<tcp::acceptor> acceptors;
    boost::asio::steady_timer retry;
    int spare;  // given up for a moment to turn a connection away when descriptors run out
    const bool is_loopback_name;
    NameReports reports;
    NameLookup name;
    boost::asio::steady_timer next_lookup;
    Listener::Calls calls;
    bool stopped = false;
};

Result<void> Listener::Impl::bind_all(const Endpoints& endpoints) {
    error_code absent;
    for (const tcp::endpoint& endpoint : endpoints) {
        const error_code error = bind(endpoint);
        if (error && !is_absent(error)) return explain(error);
        if (error) absent = error;
    }
    if (acceptors.empty()) return explain(absent);
    return {};
}

Result<void> Listener::Impl::listen() {
    for (tcp::acceptor& acceptor : acceptors) {
        error_code error;
        acceptor.listen(backlog, error);
        if (error) return explain(error);
        wait(acceptor);
    }
    tell_loopback();
    return {};
}

void Listener::Impl::look_up_later() {
    next_lookup.expires_after(between_lookups);
    next_lookup.async_wait([this](const error_code& error) {
        if (!error && !stopped) look_up();
    });
}

void Listener::Impl::look_up() {
    name.begin([this](const Result<Endpoints>& found) {
        if (stopped) return;
        if (!found) {
            reports.failed(found.error().message);
            return look_up_later();
        }
        reports.found();
        Result<void> done = bind_all(*found);
        if (done) done = listen();
        if (!done && calls.failed) calls.failed(done.error());
    });
}

void Listener::Impl::tell_loopback() const {
    if (is_loopback_name || !calls.on_loopback_only || acceptors.empty()) return;
    error_code ignored;
    std::string address;
    for (const tcp::acceptor& acceptor : acceptors) {
        const auto bound = acceptor.local_endpoint(ignored).address();
        if (!bound.is_loopback()) return;
        address = bound.to_string();
    }
    calls.on_loopback_only(address);
}

error_code Listener::Impl::bind(const tcp::endpoint& endpoint) {
    error_code error;
    tcp::acceptor acceptor(io);
    acceptor.open(endpoint.protocol(), error);
    if (error) return error;
    ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (endpoint.address().is_v6()) acceptor.set_option(boost::asio::ip::v6_only(true), error);
    acceptor.native_non_blocking(true, error);
    acceptor.bind(endpoint, error);
    if (error) return error;
    acceptors.push_back(std::move(acceptor));
    return {};
}

Error Listener::Impl::explain(const error_code& error) const {
    constexpr auto how =
        " in config.json, or, of a node that was added, by \"raftkv cluster move\"";
    if (error != boost::asio::error::address_in_use)
        return {ErrorKind::usage, "cannot listen on " + where + ": " + error.message() +
                                      "; its address can be changed" + how};
    auto holder = holder_of_port(port);
    return {ErrorKind::usage, "cannot listen on " + where + ": the port is in use by " +
                                  holder.value_or("another process") +
                                  "; end that process, or choose another port" + how};
}

void Listener::Impl::wait(tcp::acceptor& acceptor) {
    acceptor.async_wait(tcp::acceptor::wait_read, [this, &acceptor](const error_code& error) {
        if (!error) accept_some(acceptor);
    });
}

void Listener::Impl::accept_some(tcp::acceptor& acceptor) {
    for (int i = 0; i < accepts_per_turn; ++i) {
        int fd =
            ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            notice_when_gone(fd);
            on_accept(fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            return turn_away(acceptor);
        } else if (errno == EAGAIN) {
            break;
        }
        // Anything else concerns one connection, which is gone already.
    }
    wait(acceptor);
}

// Without a free descriptor a waiting connection cannot even be refused, and would wake this loop
// up again and again. The spare one makes it possible; then things get time to improve.
void Listener::Impl::turn_away(tcp::acceptor& acceptor) {
    limiter.warn(SystemClock().monotonic(),
                 "out of descriptors: turned a connection to " + where +
                     " away. \"ulimit -n\" is too low for what this node is asked to do");
    if (spare >= 0) ::close(spare);
    int fd = ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0 && on_turned_away)
        on_turned_away(fd);
    else if (fd >= 0)
        ::close(fd);
    spare = open_spare();
    retry.expires_after(pause_when_full);
    retry.async_wait([this](const error_code& error) {
        if (error) return;
        for (tcp::acceptor& each : acceptors) {
            each.cancel();
            wait(each);
        }
    });
}

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::~Listener() = default;

Result<std::unique_ptr<Listener>> Listener::open(boost::asio::io_context& io,
                                                 const std::string& host, std::uint16_t port,
                                                 const std::string& purpose,
                                                 std::function<void(int fd)> on_accept,
                                                 std::function<void(int fd)> on_turned_away) {
    auto impl = std::make_unique<Impl>(io, host, port, purpose, std::move(on_accept),
                                       std::move(on_turned_away));
    const auto found = impl->name.wait(found_at_once_within);
    if (found && found->ok()) {
        if (auto bound = impl->bind_all(**found); !bound) return bound.error();
    } else {
        impl->reports.failed(found ? found->error().message : "no answer within a second");
    }
    return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

void Listener::set_calls(Calls calls) {
    impl_->calls = std::move(calls);
}

Result<void> Listener::start() {
    if (impl_->acceptors.empty()) impl_->look_up();
    return impl_->listen();
}

void Listener::stop() {
    impl_->stopped = true;
    impl_->next_lookup.cancel();
    impl_->retry.cancel();
    error_code ignored;
    for (tcp::acceptor& acceptor : impl_->acceptors) acceptor.close(ignored);
}

}  // namespace raftkv::server
