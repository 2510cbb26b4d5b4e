#include "node/server/stream_buffers.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace raftkv::server {
namespace {

// Memory that a connection may keep while it has nothing to do.
constexpr std::size_t kept_bytes = 4096;

// A sent prefix is dropped when it is worth the move of what follows.
constexpr std::size_t compact_bytes = 256u << 10;

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

void release(std::string& bytes) {
    if (bytes.empty() && bytes.capacity() > kept_bytes) std::string().swap(bytes);
}

}  // namespace

InputBuffer::Fill InputBuffer::fill(int fd, std::span<char> scratch) {
    ssize_t count = ::recv(fd, scratch.data(), scratch.size(), 0);
    if (count == 0) return Fill::end;
    if (count < 0) return would_block() ? Fill::nothing : Fill::broken;
    std::string_view arrived(scratch.data(), static_cast<std::size_t>(count));
    if (rest_.empty()) {
        pending_ = arrived;
    } else {
        rest_.append(arrived);
        pending_ = rest_;
    }
    return Fill::more;
}

void InputBuffer::settle() {
    if (rest_.empty()) {
        rest_.assign(pending_);
    } else {
        rest_.erase(0, rest_.size() - pending_.size());
    }
    pending_ = rest_;
}

void InputBuffer::shrink() {
    release(rest_);
    pending_ = rest_;
}

OutputBuffer::Flush OutputBuffer::flush(int fd) {
    if (unsent() == 0) return Flush::done;
    ssize_t count = ::send(fd, bytes_.data() + sent_, unsent(), MSG_NOSIGNAL);
    if (count < 0) return would_block() ? Flush::blocked : Flush::broken;
    sent_ += static_cast<std::size_t>(count);
    if (unsent() == 0) {
        clear();
        return Flush::done;
    }
    if (sent_ >= compact_bytes && sent_ >= unsent()) {
        bytes_.erase(0, sent_);
        sent_ = 0;
    }
    return Flush::blocked;
}

void OutputBuffer::clear() {
    bytes_.clear();
    sent_ = 0;
}

void OutputBuffer::shrink() {
    release(bytes_);
}

}  // namespace raftkv::server
