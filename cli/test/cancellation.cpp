#include "cli/test/cancellation.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "common/check.hpp"

namespace raftkv::test {

Cancellation::Cancellation() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    RAFTKV_CHECK(event_ >= 0);
}

Cancellation::~Cancellation() {
    close(event_);
}

void Cancellation::request() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(event_, &one, sizeof(one));
}

bool Cancellation::requested() const {
    pollfd watched{event_, POLLIN, 0};
    return poll(&watched, 1, 0) == 1;
}

}  // namespace raftkv::test
