#include "node/server/peer_inbound.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace raftkv::server {

PeerInbound::PeerInbound(Poller& poller, InboundOwner& owner, std::span<char> scratch, int fd,
                         MonotonicMs accepted)
    : poller_(poller), owner_(owner), scratch_(scratch), fd_(fd), accepted_(accepted) {}

PeerInbound::~PeerInbound() {
    if (!closed()) ::close(fd_);
}

bool PeerInbound::start() {
    return poller_.add(fd_, *this, {.read = true, .urgent = true});
}

void PeerInbound::on_ready(Readiness) {
    if (closed()) return;
    switch (input_.fill(fd_, scratch_)) {
        case InputBuffer::Fill::nothing:
            return;
        case InputBuffer::Fill::end:
        case InputBuffer::Fill::broken:
            return close("");
        case InputBuffer::Fill::more:
            break;
    }
    parse();
    input_.settle();
}

void PeerInbound::parse() {
    while (!closed()) {
        wire::ParsedFrame frame = wire::parse_frame(input_.pending(), !from_.has_value());
        input_.consume(frame.consumed);
        if (!take(std::move(frame))) return;
    }
}

// False when there is nothing more to parse.
bool PeerInbound::take(wire::ParsedFrame frame) {
    switch (frame.status) {
        case wire::ParsedFrame::Status::need_more:
            return false;
        case wire::ParsedFrame::Status::message:
            owner_.on_message(*from_, std::move(frame.message));
            return true;
        case wire::ParsedFrame::Status::malformed:
            close("it sent bytes that are no message");
            return false;
        case wire::ParsedFrame::Status::hello:
            break;
    }
    hello_ = std::move(frame.hello);
    if (auto rejection = owner_.on_hello(*this, hello_)) {
        if (rejection->told) {
            std::string bytes;
            wire::encode_refusal(*rejection->told, bytes);
            tell(bytes);
        }
        close(rejection->why);
        return false;
    }
    from_ = hello_.from;
    return true;
}

void PeerInbound::introduce(const raft::MembershipAt& members) {
    if (members.index <= told_) return;
    told_ = members.index;
    std::string bytes;
    wire::encode_introduction(members, bytes);
    tell(bytes);
}

// One attempt: so little is sent that it fits into the socket's buffer. A caller that does not read
// is told in part, and finds out that it makes no sense.
void PeerInbound::tell(std::string_view bytes) {
    // What cannot be told to a caller that has gone is of no interest to it.
    [[maybe_unused]] const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

void PeerInbound::close(const std::string& reason) {
    if (closed()) return;
    poller_.remove(fd_);
    ::close(fd_);
    fd_ = -1;
    owner_.on_inbound_closed(*this, reason);
}

}  // namespace raftkv::server
