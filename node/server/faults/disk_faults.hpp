#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "common/result.hpp"

namespace raftkv::server {

// What is wrong with the disk at the moment. Set by the thread of the loop, met by the threads of
// the log.
class DiskFaults {
  public:
    struct State {
        bool full = false;
        std::int64_t slow_ms = 0;
        bool stalled = false;
        bool fails = false;

        bool operator==(const State&) const = default;
    };

    // Whoever waits because of the state before looks at this one at once.
    void set(const State& state);

    // What a sync of `path` meets before it is done: it takes time, or an end.
    Result<void> before_sync(const std::string& path);
    // What a request for new space meets.
    Result<void> before_growth(const std::string& path);

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    State state_;
};

}  // namespace raftkv::server
