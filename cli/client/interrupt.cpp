#include "cli/client/interrupt.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

#include "common/check.hpp"

namespace raftkv::cli::client {

namespace {

std::atomic<int> event_of_handler{-1};

void on_sigint(int) {
    const int saved = errno;
    ::eventfd_write(event_of_handler.load(), 1);
    errno = saved;
}

}  // namespace

Interrupt::Interrupt() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), output_(event_.get()) {
    RAFTKV_CHECK(event_.get() >= 0);
    RAFTKV_CHECK(event_of_handler.exchange(event_.get()) == -1);
    struct sigaction action {};
    action.sa_handler = on_sigint;  // no SA_RESTART: what blocks elsewhere shall notice too
    ::sigaction(SIGINT, &action, &before_);
}

Interrupt::~Interrupt() {
    ::sigaction(SIGINT, &before_, nullptr);
    event_of_handler.store(-1);
}

bool Interrupt::happened() const {
    pollfd watched{event_.get(), POLLIN, 0};
    return ::poll(&watched, 1, 0) == 1;
}

void Interrupt::forget() {
    eventfd_t count = 0;
    ::eventfd_read(event_.get(), &count);
}

}  // namespace raftkv::cli::client
