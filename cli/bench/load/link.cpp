#include "cli/bench/load/link.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "common/check.hpp"

namespace raftkv::bench {
namespace {

bool try_later(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

void Link::open(Descriptor socket, std::size_t server, std::int64_t now_ns) {
    RAFTKV_CHECK(in_flight() == 0);
    socket_ = std::move(socket);
    server_ = server;
    leaving_ = waits_to_send = false;
    last_heard_ns_ = now_ns;
    in_.clear();
    out_.clear();
}

void Link::close() {
    socket_ = Descriptor();
}

bool Link::flush() {
    const ssize_t taken =
        ::send(socket_.get(), out_.data(), out_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken < 0) return try_later(errno);
    if (static_cast<std::size_t>(taken) == out_.size()) {
        out_.clear();
    } else {
        out_.erase(0, static_cast<std::size_t>(taken));
    }
    return true;
}

Link::Input Link::read(std::vector<char>& chunk, std::int64_t now_ns) {
    const ssize_t got = ::recv(socket_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got == 0 || (got < 0 && !try_later(errno))) return {.lost = true};
    if (got < 0) return {};
    last_heard_ns_ = now_ns;
    const std::string_view bytes(chunk.data(), static_cast<std::size_t>(got));
    if (in_.empty()) return {.lost = false, .bytes = bytes};
    in_ += bytes;
    return {.lost = false, .bytes = in_};
}

void Link::consume(std::string_view input, std::size_t consumed) {
    if (in_.empty()) {
        in_.assign(input.substr(consumed));
    } else {
        in_.erase(0, consumed);
    }
}

}  // namespace raftkv::bench
