#include "cli/cluster/control_client.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "common/private_files.hpp"
#include "common/socket_path.hpp"

namespace raftkv::cli {

namespace {

Error lost(const std::string& reason) {
    return Error{ErrorKind::unavailable, "talking to the supervisor: " + reason};
}

// 1 readable, 0 not in time, -1 with errno.
int wait_readable(int descriptor, std::chrono::steady_clock::time_point deadline) {
    for (;;) {
        auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline -
                                                                 std::chrono::steady_clock::now());
        pollfd watched{descriptor, POLLIN, 0};
        int ready = ::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready >= 0 || errno != EINTR) return ready;
    }
}

}  // namespace

Result<ControlClient> ControlClient::connect(const std::filesystem::path& socket) {
    if (auto folder = check_socket_folder(socket.parent_path()); !folder) return folder.error();
    SocketPath path(socket);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.text().size() >= sizeof address.sun_path) {
        return Error{ErrorKind::unavailable,
                     fmt::format("no supervisor runs in {}", socket.parent_path().string())};
    }
    std::memcpy(address.sun_path, path.text().c_str(), path.text().size() + 1);
    ControlClient client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (client.descriptor_ < 0) return lost(std::strerror(errno));
    if (::connect(client.descriptor_, reinterpret_cast<const sockaddr*>(&address),
                  sizeof address) == 0) {
        return client;
    }
    if (errno == ENOENT || errno == ECONNREFUSED) {
        return Error{ErrorKind::unavailable,
                     fmt::format("no supervisor runs in {}: start it with \"raftkv cluster up\"",
                                 socket.parent_path().string())};
    }
    if (errno == EACCES) {
        return Error{ErrorKind::usage,
                     fmt::format("the supervisor in {} is another user's: run this as that user",
                                 socket.parent_path().string())};
    }
    return lost(fmt::format("connecting to {}: {}", socket.string(), std::strerror(errno)));
}

ControlClient::ControlClient(ControlClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), received_(std::move(other.received_)) {}

ControlClient::~ControlClient() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> ControlClient::send(const ControlRequest& request) {
    std::string line = to_line(request) + "\n";
    std::size_t sent = 0;
    while (sent < line.size()) {
        ssize_t count = ::send(descriptor_, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR) return lost(std::strerror(errno));
        if (count > 0) sent += static_cast<std::size_t>(count);
    }
    return {};
}

Result<ControlReply> ControlClient::next(std::chrono::milliseconds timeout) {
    auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        if (std::size_t end = received_.find('\n'); end != std::string::npos) {
            std::string line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return parse_reply(line);
        }
        if (received_.size() > longest_reply_line) return lost("its answer has no end");
        int ready = wait_readable(descriptor_, deadline);
        if (ready < 0) return lost(std::strerror(errno));
        if (ready == 0) return lost(fmt::format("no answer within {} ms", timeout.count()));
        char buffer[4096];
        ssize_t count = ::recv(descriptor_, buffer, sizeof buffer, 0);
        if (count == 0) return lost("it closed the connection");
        if (count < 0 && errno != EINTR) return lost(std::strerror(errno));
        if (count > 0) received_.append(buffer, static_cast<std::size_t>(count));
    }
}

Result<std::string> order(const std::filesystem::path& socket, const ControlRequest& request,
                          std::chrono::milliseconds patience,
                          const std::function<void(const std::string&)>& tell) {
    auto supervisor = ControlClient::connect(socket);
    if (!supervisor) return supervisor.error();
    if (auto sent = supervisor->send(request); !sent) return sent.error();
    for (;;) {
        auto reply = supervisor->next(patience);
        if (!reply) return reply.error();
        if (reply->kind == ControlReply::Kind::failed) return Error{reply->error, reply->text};
        if (reply->is_last()) return reply->text;
        tell(reply->text);
    }
}

Result<ClusterView> fetch_view(const std::filesystem::path& socket,
                               std::chrono::milliseconds timeout) {
    auto answer = order(socket, ControlRequest{ControlVerb::status}, timeout, [](const auto&) {});
    if (!answer) return answer.error();
    return parse_cluster_view(*answer);
}

}  // namespace raftkv::cli
