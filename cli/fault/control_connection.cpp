#include "cli/fault/control_connection.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "cli/admin/admin_client.hpp"
#include "cli/admin/member_ids.hpp"
#include "common/faults/control_socket.hpp"
#include "common/private_files.hpp"
#include "common/socket_path.hpp"

namespace raftkv::cli {
namespace {

// Of each line. A node answers at once, unless it is paused.
constexpr timeval answers_within{2, 0};
constexpr std::chrono::milliseconds status_within{500};

// Nobody listens: is it the node that is missing, or the permission?
Error nobody_listens(const ServerConfig& server, const std::string& socket) {
    auto status = fetch_status(server.admin_host, server.admin_port, status_within);
    if (!status || status->id != server.id) {
        return Error{ErrorKind::unavailable,
                     fmt::format("node {0} does not run: start it with \"raftkv cluster start "
                                 "{0}\", or all with \"raftkv cluster up\"",
                                 server.id.value())};
    }
    return Error{ErrorKind::usage,
                 fmt::format("node {} allows no faults: there is no {}. Nodes of a cluster that "
                             "\"raftkv cluster up\" runs on one machine allow them, and those "
                             "that are started with --allow-faults",
                             server.id.value(), socket)};
}

}  // namespace

Result<ControlConnection> ControlConnection::open(const ClusterConfig& config, NodeId node) {
    const ServerConfig* server = config.find(node);
    if (server == nullptr) {
        return Error{ErrorKind::usage, fmt::format("the cluster has no node {}; its members are {}",
                                                   node.value(), ids_of(config.servers))};
    }
    auto socket = config.node_path(node) / fault_socket_name;
    if (auto folder = check_socket_folder(socket.parent_path()); !folder) return folder.error();
    SocketPath path(socket);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    // Too long still: its folder could not be opened, so that there is none.
    if (path.text().size() >= sizeof address.sun_path)
        return nobody_listens(*server, socket.string());
    std::memcpy(address.sun_path, path.text().c_str(), path.text().size() + 1);
    ControlConnection connection(node, ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    int fd = connection.descriptor_;
    if (fd < 0) return connection.lost(std::strerror(errno));
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &answers_within, sizeof answers_within);
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &answers_within, sizeof answers_within);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return connection;
    if (errno == ENOENT || errno == ECONNREFUSED) return nobody_listens(*server, socket.string());
    return Error{ErrorKind::io,
                 fmt::format("cannot connect to {}: {}", socket.string(), std::strerror(errno))};
}

ControlConnection::ControlConnection(ControlConnection&& other) noexcept
    : node_(other.node_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      received_(std::move(other.received_)) {}

ControlConnection::~ControlConnection() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::string> ControlConnection::ask(const std::string& line) {
    std::string bytes = line + "\n";
    for (std::size_t sent = 0; sent < bytes.size();) {
        ssize_t count = ::send(descriptor_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR) return lost(std::strerror(errno));
        if (count > 0) sent += static_cast<std::size_t>(count);
    }
    auto answer = next_line();
    if (!answer) return answer;
    if (*answer == "ok") return std::string();
    if (answer->starts_with("ok ")) return answer->substr(3);
    if (answer->starts_with("error ")) {
        return Error{ErrorKind::usage,
                     fmt::format("node {}: {}", node_.value(), answer->substr(6))};
    }
    return lost("it said neither ok nor error");
}

Result<std::string> ControlConnection::next_line() {
    for (;;) {
        if (std::size_t end = received_.find('\n'); end != std::string::npos) {
            std::string line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return line;
        }
        if (received_.size() > longest_fault_line) return lost("its answer has no end");
        char buffer[4096];
        ssize_t count = ::recv(descriptor_, buffer, sizeof buffer, 0);
        if (count == 0) return lost("it closed the connection");
        if (count < 0 && errno == EAGAIN)
            return lost(fmt::format("no answer within {} s: is it paused?", answers_within.tv_sec));
        if (count < 0 && errno != EINTR) return lost(std::strerror(errno));
        if (count > 0) received_.append(buffer, static_cast<std::size_t>(count));
    }
}

Error ControlConnection::lost(const std::string& reason) const {
    return Error{ErrorKind::unavailable,
                 fmt::format("telling node {} of a fault: {}", node_.value(), reason)};
}

}  // namespace raftkv::cli
