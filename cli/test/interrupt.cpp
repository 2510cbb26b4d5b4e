#include "cli/test/interrupt.hpp"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "common/check.hpp"

namespace raftkv::test {
namespace {

// A signal handler can reach nothing but globals.
std::atomic<const Cancellation*> handled{nullptr};

constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP};

void on_signal(int) {
    const Cancellation& cancellation = *handled;
    if (cancellation.requested()) _exit(static_cast<int>(ExitCode::interrupted));
    cancellation.request();
}

void handle_signals(void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    for (int number : signals) sigaction(number, &action, nullptr);
}

}  // namespace

Interrupt::Interrupt() {
    RAFTKV_CHECK(handled == nullptr);
    handled = &cancellation_;
    handle_signals(on_signal);
}

Interrupt::~Interrupt() {
    handle_signals(SIG_DFL);
    handled = nullptr;
}

Result<void> Interrupt::pause_for(std::chrono::milliseconds time) const {
    pollfd watched{descriptor(), POLLIN, 0};
    if (poll(&watched, 1, static_cast<int>(time.count())) == 1) {
        return Error{ErrorKind::interrupted, "interrupted"};
    }
    return {};
}

}  // namespace raftkv::test
