#include "cli/socket/socket.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "cli/socket/same_host.hpp"

namespace raftkv::cli {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t read_size = 64 << 10;

using Address = HostAddress;

// What a look-up leaves behind. Shared with the thread that does it, which may outlive the caller.
struct LookUp {
    Descriptor done{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    int code = 0;
    std::vector<Address> addresses;
};

void look_up(const std::string& host, LookUp& result) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    result.code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
    if (result.code != 0) return;
    for (const addrinfo* item = list; item != nullptr; item = item->ai_next) {
        Address address;
        address.size = item->ai_addrlen;
        std::memcpy(&address.storage, item->ai_addr, item->ai_addrlen);
        result.addresses.push_back(address);
    }
    ::freeaddrinfo(list);
}

bool answered_without_network(const std::string& host) {
    in6_addr ignored{};
    return host == "localhost" || ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

Error unreachable(const std::string& host, std::uint16_t port, std::string_view reason) {
    return {ErrorKind::unavailable, fmt::format("cannot connect to {}:{}: {}", host, port, reason)};
}

Error stopped_waiting(const std::string& host, std::uint16_t port, WaitResult why) {
    if (why == WaitResult::cancelled) return {ErrorKind::interrupted, "interrupted"};
    return unreachable(host, port, "no answer in time");
}

Error lost(int error) {
    return {ErrorKind::unavailable,
            fmt::format("the connection was lost ({})", std::generic_category().message(error))};
}

Error stopped_waiting(WaitResult why) {
    if (why == WaitResult::cancelled) return {ErrorKind::interrupted, "interrupted"};
    return {ErrorKind::unavailable, "no answer in time"};
}

// getaddrinfo() has no deadline, and a name server that does not answer holds it for half a
// minute. So names go to a thread that may be left behind.
Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port, Deadline deadline,
                                     int cancel_fd) {
    auto result = std::make_shared<LookUp>();
    if (answered_without_network(host)) {
        look_up(host, *result);
    } else {
        try {
            std::thread([host, result] {
                look_up(host, *result);
                ::eventfd_write(result->done.get(), 1);
            }).detach();
        } catch (const std::system_error& error) {
            return unreachable(host, port, error.what());
        }
        const WaitResult waited = wait_until(result->done.get(), POLLIN, deadline, cancel_fd);
        if (waited != WaitResult::ready) return stopped_waiting(host, port, waited);
    }
    if (result->code != 0) return unreachable(host, port, ::gai_strerror(result->code));
    return std::move(result->addresses);
}

void set_port(Address& address, std::uint16_t port) {
    if (address.storage.ss_family == AF_INET6) {
        reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port = htons(port);
    } else {
        reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = htons(port);
    }
}

// 0 or an errno; `waited` says whether the wait ended early.
int connect_to(const Address& address, Descriptor& out, Deadline deadline, int cancel_fd,
               WaitResult& waited) {
    waited = WaitResult::ready;
    Descriptor fd(
        ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd.get() < 0) return errno;
    const auto* target = reinterpret_cast<const sockaddr*>(&address.storage);
    if (::connect(fd.get(), target, address.size) != 0) {
        if (errno != EINPROGRESS) return errno;
        waited = wait_until(fd.get(), POLLOUT, deadline, cancel_fd);
        if (waited != WaitResult::ready) return ETIMEDOUT;
        int failure = 0;
        socklen_t size = sizeof failure;
        ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &failure, &size);
        if (failure != 0) return failure;
    }
    const int on = 1, idle_s = 60, interval_s = 10, count = 5;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // A machine that vanished is noticed within two minutes.
    ::setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
    out = std::move(fd);
    return 0;
}

}  // namespace

WaitResult wait_until(int fd, short events, Deadline deadline, int cancel_fd) {
    using std::chrono::ceil;
    using std::chrono::milliseconds;
    while (true) {
        // Deadline::max() is for ever; poll(2) counts in an int, so long waits go in pieces.
        const auto left = ceil<milliseconds>(deadline - steady_clock::now()).count();
        const auto piece = std::clamp<std::int64_t>(left, 0, INT_MAX);
        pollfd watched[2] = {{fd, events, 0}, {cancel_fd, POLLIN, 0}};
        const int count = ::poll(watched, 2, static_cast<int>(piece));
        if (count > 0 && watched[1].revents != 0) return WaitResult::cancelled;
        if (count > 0) return WaitResult::ready;
        if (count == 0 && left <= piece) return WaitResult::timed_out;
    }
}

Result<std::vector<HostAddress>> resolve_host(const std::string& host, std::uint16_t port,
                                              Deadline deadline, int cancel_fd) {
    auto addresses = resolve(host, port, deadline, cancel_fd);
    if (!addresses) return addresses.error();
    for (Address& address : *addresses) set_port(address, port);
    return addresses;
}

Result<Descriptor> connect_socket(const std::string& host, std::uint16_t port, Deadline deadline,
                                  int cancel_fd) {
    auto addresses = resolve(host, port, deadline, cancel_fd);
    if (!addresses) return addresses.error();
    int failure = EADDRNOTAVAIL;
    bool refused = false;  // says more than that another address is of no use here
    auto left = static_cast<int>(addresses->size());
    for (Address& address : *addresses) {
        // Each address gets its share, so that one that swallows packets leaves time for the rest.
        const auto now = steady_clock::now();
        const Deadline share = now + std::max(deadline - now, Deadline::duration::zero()) / left--;
        set_port(address, port);
        Descriptor connected;
        WaitResult waited{};
        failure = connect_to(address, connected, share, cancel_fd, waited);
        if (failure == 0) return connected;
        refused = refused || failure == ECONNREFUSED;
        if (waited == WaitResult::cancelled) return stopped_waiting(host, port, waited);
    }
    return unreachable(host, port,
                       std::generic_category().message(refused ? ECONNREFUSED : failure));
}

bool says_nobody_listens(const Error& error) {
    return error.message.ends_with(std::generic_category().message(ECONNREFUSED));
}

bool is_own_host(const std::string& host, Deadline deadline) {
    auto addresses = resolve(host, 0, deadline, -1);
    if (!addresses) return false;
    return std::any_of(addresses->begin(), addresses->end(), [](const Address& address) {
        const Descriptor fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto* name = reinterpret_cast<const sockaddr*>(&address.storage);
        return fd.get() >= 0 && ::bind(fd.get(), name, address.size) == 0;
    });
}

bool is_loopback_host(const std::string& host) {
    in_addr v4{};
    in6_addr v6{};
    constexpr std::uint32_t loopback_net = 127;
    if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == loopback_net;
    if (::inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
    return host == "localhost";
}

bool is_same_host(const std::string& left, const std::string& right, Deadline deadline) {
    if (left == right) return true;
    const auto ours = resolve(left, 0, deadline, -1);
    const auto theirs = resolve(right, 0, deadline, -1);
    if (!ours || !theirs) return false;
    return std::any_of(ours->begin(), ours->end(), [&](const Address& own) {
        return std::any_of(theirs->begin(), theirs->end(), [&](const Address& its) {
            return own.size == its.size && std::memcmp(&own.storage, &its.storage, own.size) == 0;
        });
    });
}

Result<void> send_all(const Descriptor& socket, std::string_view bytes, Deadline deadline,
                      int cancel_fd, std::size_t& sent) {
    while (!bytes.empty()) {
        const ssize_t count =
            ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count >= 0) {
            sent += static_cast<std::size_t>(count);
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            const WaitResult waited = wait_until(socket.get(), POLLOUT, deadline, cancel_fd);
            if (waited != WaitResult::ready) return stopped_waiting(waited);
        } else if (errno != EINTR) {
            return lost(errno);
        }
    }
    return {};
}

Result<std::size_t> receive_some(const Descriptor& socket, std::string& out, Deadline deadline,
                                 int cancel_fd) {
    char bytes[read_size];
    while (true) {
        const WaitResult waited = wait_until(socket.get(), POLLIN, deadline, cancel_fd);
        if (waited != WaitResult::ready) return stopped_waiting(waited);
        const ssize_t count = ::recv(socket.get(), bytes, sizeof bytes, MSG_DONTWAIT);
        if (count >= 0) {
            out.append(bytes, static_cast<std::size_t>(count));
            return static_cast<std::size_t>(count);
        }
        if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) return lost(errno);
    }
}

}  // namespace raftkv::cli
