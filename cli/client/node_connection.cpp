#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "cli/client/connection.hpp"
#include "cli/client/escape.hpp"
#include "cli/socket/socket.hpp"

namespace raftkv::cli {

namespace {

// No value is that big; a node that sends more without a complete reply is not one of ours.
constexpr std::size_t max_reply_bytes = 64 << 20;

Error no_reply(std::string_view bytes) {
    constexpr std::size_t shown = 60;
    return {
        ErrorKind::failed,
        fmt::format("it answered what is no reply of this protocol: \"{}\"{}",
                    client::escaped(bytes.substr(0, shown)), bytes.size() > shown ? "..." : "")};
}

OwnedReply own(const protocol::Reply& reply) {
    OwnedReply owned;
    owned.kind = reply.kind;
    owned.version = reply.version;
    owned.exptime_s = reply.exptime_s;
    owned.value = reply.value;
    owned.leader = reply.leader;
    if (reply.kind == protocol::ReplyKind::internal) owned.why_unknown = "it said ERR_INTERNAL";
    return owned;
}

}  // namespace

struct NodeConnection::State {
    Descriptor socket;
    int cancel_fd = -1;
    std::size_t sent = 0;
    std::string received;  // not yet parsed
};

NodeConnection::NodeConnection(std::unique_ptr<State> state) : state_(std::move(state)) {}
NodeConnection::NodeConnection(NodeConnection&&) noexcept = default;
NodeConnection& NodeConnection::operator=(NodeConnection&&) noexcept = default;
NodeConnection::~NodeConnection() = default;

Result<NodeConnection> NodeConnection::connect(const std::string& host, std::uint16_t port,
                                               Deadline deadline, int cancel_fd) {
    auto socket = connect_socket(host, port, deadline, cancel_fd);
    if (!socket) return socket.error();
    auto state = std::make_unique<State>();
    state->socket = std::move(*socket);
    state->cancel_fd = cancel_fd;
    return NodeConnection(std::move(state));
}

Result<void> NodeConnection::send(std::string_view bytes, Deadline deadline) {
    state_->sent = 0;
    return send_all(state_->socket, bytes, deadline, state_->cancel_fd, state_->sent);
}

std::size_t NodeConnection::sent() const {
    return state_->sent;
}

Result<std::size_t> NodeConnection::receive_bytes(std::string& out, Deadline deadline) {
    return receive_some(state_->socket, out, deadline, state_->cancel_fd);
}

Result<OwnedReply> NodeConnection::receive(protocol::Op expected, Deadline deadline) {
    using Status = protocol::ParsedReply::Status;
    std::string& received = state_->received;
    while (true) {
        const auto parsed = protocol::parse_reply(received, expected);
        if (parsed.status == Status::malformed) return no_reply(received);
        if (parsed.status == Status::reply) {
            OwnedReply reply = own(parsed.reply);
            received.erase(0, parsed.consumed);
            return reply;
        }
        received.erase(0, parsed.consumed);
        if (received.size() > max_reply_bytes) return no_reply(received);
        const auto count = receive_bytes(received, deadline);
        if (!count) return count.error();
        if (*count == 0) return Error{ErrorKind::unavailable, "it closed the connection"};
    }
}

Result<OwnedReply> NodeConnection::call(const protocol::Request& request, Deadline deadline) {
    std::string bytes;
    protocol::format(request, bytes);
    const auto sent = send(bytes, deadline);
    if (!sent) return sent.error();
    return receive(request.op, deadline);
}

void NodeConnection::finish_sending() {
    ::shutdown(state_->socket.get(), SHUT_WR);
}

bool NodeConnection::is_stale() const {
    if (!state_->received.empty()) return true;
    char byte = 0;
    const ssize_t count = ::recv(state_->socket.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

}  // namespace raftkv::cli
