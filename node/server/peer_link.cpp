#include "node/server/peer_link.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "node/wire/peer_codec.hpp"

namespace raftkv::server {

PeerLink::PeerLink(boost::asio::io_context& io, Poller& poller, const std::string& host,
                   std::uint16_t port, std::string hello, std::function<void()> on_change)
    : poller_(poller),
      hello_(std::move(hello)),
      on_change_(std::move(on_change)),
      dialer_(io, host, port, [this](int fd) { connected(fd); }) {}

PeerLink::~PeerLink() {
    if (up()) ::close(fd_);
}

void PeerLink::connected(int fd) {
    if (!poller_.add(fd, *this, {.read = true})) {
        ::close(fd);
        return dialer_.again(false);
    }
    fd_ = fd;
    blocked_ = false;
    useful_ = false;
    output_.tail().append(hello_);
    on_change_();
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
    if (blocked_) poller_.change(fd_, *this, {.read = true, .write = true});
}

void PeerLink::on_ready(Readiness ready) {
    if (!up()) return;
    if (ready.readable || ready.hung_up) {
        // The peer says nothing here, so there is something to read only when it has closed.
        char byte = 0;
        ssize_t count = ::recv(fd_, &byte, 1, 0);
        if (count >= 0 || (errno != EAGAIN && errno != EINTR)) return disconnect();
    }
    if (ready.writable && blocked_) {
        poller_.change(fd_, *this, {.read = true});
        blocked_ = false;
        flush();
    }
}

void PeerLink::disconnect() {
    poller_.remove(fd_);
    ::close(fd_);
    fd_ = -1;
    output_.clear();
    output_.shrink();
    on_change_();
    dialer_.again(useful_);
}

}  // namespace raftkv::server
