#include "node/server/faults/disk_faults.hpp"

#include <chrono>

namespace raftkv::server {

void DiskFaults::set(const State& state) {
    {
        std::lock_guard lock(mutex_);
        state_ = state;
    }
    changed_.notify_all();
}

Result<void> DiskFaults::before_sync(const std::string& path) {
    using std::chrono::milliseconds;
    using std::chrono::steady_clock;
    std::unique_lock lock(mutex_);
    const auto begin = steady_clock::now();
    while (!state_.fails) {
        auto end = begin + milliseconds(state_.slow_ms);
        if (state_.stalled) {
            changed_.wait(lock);
        } else if (steady_clock::now() < end) {
            changed_.wait_until(lock, end);
        } else {
            return {};
        }
    }
    return Error{ErrorKind::io, "cannot sync " + path + ": Input/output error (fail-disk)"};
}

Result<void> DiskFaults::before_growth(const std::string& path) {
    std::lock_guard lock(mutex_);
    if (!state_.full) return {};
    return Error{ErrorKind::no_space,
                 "cannot get space for " + path + ": No space left on device (disk-full)"};
}

}  // namespace raftkv::server
