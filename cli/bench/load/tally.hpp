#pragma once

#include <cstdint>

#include "cli/bench/load/load.hpp"
#include "cli/bench/load/operations.hpp"

namespace raftkv::bench {

// Counts outcomes, and cuts the time that counts into windows.
class Tally {
  public:
    explicit Tally(const LoadOptions& options);

    // What begins from `from_ns` on and before `to_ns` counts.
    void begin(std::int64_t from_ns, std::int64_t to_ns);
    bool counts(std::int64_t began_ns) const { return began_ns >= from_ns_ && began_ns < to_ns_; }
    void note(const Operation& operation, Outcome outcome, std::int64_t now_ns) {
        // A version that had to be asked for is neither.
        if (!operation.counts || operation.verb == Verb::getm) return;
        ++result_.outcomes[static_cast<std::size_t>(outcome)];
        if (is_error(outcome)) {
            ++errors_in_window_;
            return;
        }
        window_.add(now_ns - operation.began_ns);
        if (keep_samples_) keep(now_ns, now_ns - operation.began_ns);
    }
    // Ends the windows that are over; to be called every now and then.
    void advance(std::int64_t now_ns) {
        while (now_ns >= next_ns_) end_window();
    }
    // Nothing is in flight any more.
    LoadResult finish(std::int64_t now_ns);

    // What the load itself counts.
    LoadResult& result() { return result_; }

  private:
    void end_window();
    void keep(std::int64_t now_ns, std::int64_t latency_ns);

    const LoadOptions& options_;
    const bool keep_samples_;
    const std::int64_t window_ns_;
    std::int64_t from_ns_ = 0, to_ns_ = 0;
    std::int64_t next_ns_ = 0;  // when the window ends; before what counts, when that begins
    Histogram window_;
    std::uint64_t errors_in_window_ = 0;
    double cpu_before_ = 0;
    LoadResult result_;
};

// Of this thread, user and system.
double own_cpu_seconds();

}  // namespace raftkv::bench
