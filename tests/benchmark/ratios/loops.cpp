#include "tests/benchmark/ratios/loops.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <vector>

#include "cli/bench/disk.hpp"
#include "common/descriptor.hpp"

namespace raftkv::benchmark {
namespace {

using Clock = std::chrono::steady_clock;

struct Connection {
    Descriptor near, far;
};

Error failed(const char* what) {
    return {ErrorKind::io, fmt::format("{} on loopback: {}", what, std::strerror(errno))};
}

Result<Connection> connect_to(const Descriptor& listener) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::getsockname(listener.get(), any, &size) != 0) return failed("asking for the port");
    Connection connection;
    connection.near = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(connection.near.get(), any, size) != 0) return failed("connecting");
    connection.far = Descriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection.far.ok()) return failed("accepting");
    const int on = 1;
    if (::setsockopt(connection.near.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        return failed("setting TCP_NODELAY");
    return connection;
}

Result<std::vector<Connection>> connections(std::size_t wanted) {
    const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* any = reinterpret_cast<const sockaddr*>(&address);
    if (::bind(listener.get(), any, sizeof address) != 0 || ::listen(listener.get(), 1) != 0)
        return failed("listening");
    std::vector<Connection> all;
    for (std::size_t i = 0; i < wanted; ++i) {
        auto connection = connect_to(listener);
        if (!connection) return connection.error();
        all.push_back(std::move(*connection));
    }
    return all;
}

Result<void> send_one(const Connection& connection) {
    std::array<char, 64> message{};
    const auto size = static_cast<ssize_t>(message.size());
    if (::send(connection.near.get(), message.data(), message.size(), MSG_NOSIGNAL) != size)
        return failed("sending");
    if (::recv(connection.far.get(), message.data(), message.size(), MSG_WAITALL) != size)
        return failed("receiving");
    return {};
}

}  // namespace

Result<double> messages_per_second(double seconds) {
    const auto all = connections(64);
    if (!all) return all.error();
    const auto start = Clock::now();
    std::size_t sent = 0;
    double took = 0;
    while (took < seconds) {
        for (const Connection& connection : *all)
            if (auto one = send_one(connection); !one) return one.error();
        sent += all->size();
        took = std::chrono::duration<double>(Clock::now() - start).count();
    }
    return static_cast<double>(sent) / took;
}

Result<double> syncs_per_second(const std::filesystem::path& folder) {
    const auto syncs = bench::measure_syncs(folder, 3, 500);
    if (!syncs) return syncs.error();
    return 1e9 / static_cast<double>(syncs->percentile(0.5));
}

}  // namespace raftkv::benchmark
