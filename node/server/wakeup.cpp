#include "node/server/wakeup.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "common/check.hpp"

namespace raftkv::server {

Wakeup::Wakeup(Poller& poller, std::function<void()> on_wakeup)
    : on_wakeup_(std::move(on_wakeup)), fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    RAFTKV_CHECK(fd_ >= 0);
    // Each write is an edge: the counter need not be read back, which saves a call a turn. It would
    // take centuries to fill up.
    RAFTKV_CHECK(poller.add(fd_, *this, {.read = true, .edge = true, .urgent = true}));
}

Wakeup::~Wakeup() {
    ::close(fd_);
}

void Wakeup::notify() {
    std::uint64_t one = 1;
    RAFTKV_CHECK(::write(fd_, &one, sizeof(one)) == sizeof(one));
}

void Wakeup::on_ready(Readiness) {
    on_wakeup_();
}

}  // namespace raftkv::server
