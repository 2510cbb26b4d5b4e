#include "tests/system/node/dialogue.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "tests/system/node/nodes.hpp"

namespace raftkv::system_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

int connect_to(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return fd;
    ::close(fd);
    return -1;
}

}  // namespace

Dialogue::Dialogue(std::uint16_t port) : fd_(-1) {
    // A node that has just been started may not listen yet.
    EXPECT_TRUE(comes_true([&] { return (fd_ = connect_to(port)) >= 0; }))
        << "nobody listens on port " << port;
    int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

Dialogue::Dialogue(Dialogue&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), end_seen_(other.end_seen_) {}

Dialogue::~Dialogue() {
    if (fd_ >= 0) ::close(fd_);
}

bool Dialogue::wait(short events, steady_clock::time_point deadline) const {
    auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    pollfd ready{fd_, events, 0};
    return ::poll(&ready, 1, static_cast<int>(std::max<long>(0, left.count()))) > 0;
}

bool Dialogue::say(std::string_view bytes, milliseconds limit) {
    auto deadline = steady_clock::now() + limit;
    while (!bytes.empty()) {
        if (!wait(POLLOUT, deadline)) return false;
        ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno != EAGAIN) return false;
        if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void Dialogue::finish_sending() {
    ::shutdown(fd_, SHUT_WR);
}

std::string Dialogue::hear(std::size_t count, milliseconds limit) {
    auto deadline = steady_clock::now() + limit;
    std::string heard;
    while (heard.size() < count && !end_seen_ && wait(POLLIN, deadline)) {
        std::string piece(std::min<std::size_t>(count - heard.size(), 1u << 20), '\0');
        ssize_t got = ::recv(fd_, piece.data(), piece.size(), MSG_DONTWAIT);
        if (got <= 0)
            end_seen_ = true;
        else
            heard.append(piece, 0, static_cast<std::size_t>(got));
    }
    return heard;
}

std::string Dialogue::hear_all(milliseconds limit) {
    return hear(std::string::npos, limit);
}

std::string Dialogue::hear_once() {
    std::string piece(1u << 20, '\0');
    if (!wait(POLLIN, steady_clock::now() + milliseconds(10'000))) return "";
    ssize_t got = ::recv(fd_, piece.data(), piece.size(), MSG_DONTWAIT);
    piece.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return piece;
}

std::string Dialogue::ask(std::string_view bytes, std::string_view expected) {
    EXPECT_TRUE(say(bytes));
    return hear(expected.size());
}

std::string Dialogue::line() {
    std::string line;
    while (!line.ends_with("\r\n")) {
        std::string next = hear(1);
        if (next.empty()) return line;
        line += next;
    }
    line.resize(line.size() - 2);
    return line;
}

bool Dialogue::ended(milliseconds limit) {
    hear_all(limit);
    return end_seen_;
}

}  // namespace raftkv::system_test
