#include "cli/test/port_block.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "common/check.hpp"

namespace raftkv::test {
namespace {

// Above the ports that services use, this project's default ones among them.
constexpr std::uint32_t lowest_port = 12'288;
static_assert(lowest_port % PortBlock::size == 0, "blocks are aligned, so two never overlap");

// Where the kernel starts to hand out ports of its own choice.
std::uint32_t first_ephemeral_port() {
    std::uint32_t first = 0;
    std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first;
    return first > lowest_port + PortBlock::size ? first : 32'768;
}

// A socket that listens on the port, or -1.
int listen_on(std::uint32_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    // Connections of an earlier run that linger in TIME_WAIT are no obstacle.
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
        listen(fd, 1) == 0) {
        return fd;
    }
    close(fd);
    return -1;
}

bool is_free(std::uint32_t port) {
    const int fd = listen_on(port);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

bool all_free(std::uint32_t first) {
    for (std::uint32_t i = 0; i + 1 < PortBlock::size; ++i) {
        if (!is_free(first + i)) return false;
    }
    return true;
}

}  // namespace

Result<PortBlock> PortBlock::reserve(std::uint64_t random) {
    const std::uint64_t blocks = (first_ephemeral_port() - lowest_port) / size;
    for (std::uint64_t tried = 0; tried < blocks; ++tried) {
        const auto index = static_cast<std::uint32_t>((random + tried) % blocks);
        const std::uint32_t first = lowest_port + index * size;
        const int guard = listen_on(first + size - 1);
        if (guard < 0) continue;
        PortBlock block(static_cast<std::uint16_t>(first), guard);
        if (all_free(first)) return block;
    }
    return Error{ErrorKind::io, "no free ports were found on 127.0.0.1"};
}

PortBlock::PortBlock(PortBlock&& other) noexcept
    : first_(other.first_), guard_(std::exchange(other.guard_, -1)) {}

PortBlock::~PortBlock() {
    if (guard_ >= 0) close(guard_);
}

std::uint16_t PortBlock::port(std::uint32_t n) const {
    RAFTKV_CHECK(n + 1 < size);
    return static_cast<std::uint16_t>(first_ + n);
}

}  // namespace raftkv::test
