#include "tests/unit/test_scenarios/canned_node.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/check.hpp"

namespace raftkv::test {
namespace {

// False when `stop` became readable first.
bool wait_readable(int fd, int stop) {
    pollfd watched[] = {{fd, POLLIN, 0}, {stop, POLLIN, 0}};
    while (poll(watched, 2, -1) < 0) {
    }
    return watched[1].revents == 0;
}

}  // namespace

CannedNode::CannedNode(std::vector<std::string> replies) : replies_(std::move(replies)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    stop_ = eventfd(0, EFD_CLOEXEC);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    RAFTKV_CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    RAFTKV_CHECK(listen(listener_, 8) == 0);
    RAFTKV_CHECK(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

CannedNode::~CannedNode() {
    const std::uint64_t one = 1;
    RAFTKV_CHECK(write(stop_, &one, sizeof(one)) == sizeof(one));
    thread_.join();
    close(listener_);
    close(stop_);
}

void CannedNode::serve() {
    while (wait_readable(listener_, stop_)) {
        const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        serve_connection(connection);
        close(connection);
    }
}

void CannedNode::serve_connection(int connection) {
    char block[1 << 16];
    while (wait_readable(connection, stop_)) {
        if (recv(connection, block, sizeof(block), 0) <= 0) return;
        if (next_ == replies_.size()) continue;
        const std::string& reply = replies_[next_++];
        send(connection, reply.data(), reply.size(), MSG_NOSIGNAL);
    }
}

}  // namespace raftkv::test
