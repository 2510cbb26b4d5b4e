#include "node/server/peer_link.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "node/wire/peer_codec.hpp"

namespace raftkv::server {

PeerLink::PeerLink(boost::asio::io_context& io, Poller& poller, const std::string& host,
                   std::uint16_t port, Calls calls)
    : poller_(poller),
      calls_(std::move(calls)),
      dialer_(io, host, port, [this](int fd) { connected(fd); }) {}

PeerLink::~PeerLink() {
    if (up()) ::close(fd_);
}

void PeerLink::connected(int fd) {
    if (!poller_.add(fd, *this, {.read = true, .urgent = true})) {
        ::close(fd);
        return dialer_.again(false);
    }
    fd_ = fd;
    blocked_ = false;
    useful_ = false;
    heard_.clear();
    output_.tail().append(calls_.hello());
    calls_.changed();
    flush();
}

void PeerLink::send(const raft::Message& message) {
    if (!up() || output_.unsent() > max_queued_bytes) return;
    wire::encode_frame(message, output_.tail());
}

void PeerLink::flush() {
    if (!up() || blocked_ || output_.unsent() == 0) return;
    OutputBuffer::Flush result = output_.flush(fd_);
    if (result == OutputBuffer::Flush::broken) return disconnect();
    blocked_ = result == OutputBuffer::Flush::blocked;
    if (blocked_) poller_.change(fd_, *this, {.read = true, .write = true, .urgent = true});
}

void PeerLink::on_ready(Readiness ready) {
    if (!up()) return;
    if ((ready.readable || ready.hung_up) && !hear()) return disconnect();
    if (ready.writable && blocked_) {
        poller_.change(fd_, *this, {.read = true, .urgent = true});
        blocked_ = false;
        flush();
    }
}

// False when there is nothing more to hear: the peer has closed, or says what it may not.
bool PeerLink::hear() {
    char bytes[4096];
    ssize_t count = 0;
    while ((count = ::recv(fd_, bytes, sizeof(bytes), 0)) > 0) {
        heard_.append(bytes, static_cast<std::size_t>(count));
        if (!parse()) return false;
    }
    return count < 0 && (errno == EAGAIN || errno == EINTR);
}

bool PeerLink::parse() {
    for (;;) {
        wire::ParsedAnswer parsed = wire::parse_answer(heard_);
        if (parsed.status == wire::ParsedAnswer::Status::need_more) return true;
        if (parsed.status == wire::ParsedAnswer::Status::malformed) return false;
        heard_.erase(0, parsed.consumed);
        calls_.heard(std::move(parsed.answer));
    }
}

void PeerLink::disconnect() {
    // What it said last may still be there to be read when a write failed.
    hear();
    poller_.remove(fd_);
    ::close(fd_);
    fd_ = -1;
    output_.clear();
    output_.shrink();
    heard_.clear();
    calls_.changed();
    dialer_.again(useful_);
}

}  // namespace raftkv::server
