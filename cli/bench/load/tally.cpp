#include "cli/bench/load/tally.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace raftkv::bench {
namespace {

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::chrono::steady_clock::time_point time_of(std::int64_t ns) {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(ns));
}

}  // namespace

double own_cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

std::uint64_t LoadResult::errors() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < outcome_count; ++i) {
        if (is_error(static_cast<Outcome>(i))) sum += outcomes[i];
    }
    return sum;
}

Tally::Tally(const LoadOptions& options)
    : options_(options),
      keep_samples_(options.keep_samples),
      window_ns_(static_cast<std::int64_t>(options.window_seconds * 1e9)) {}

void Tally::begin(std::int64_t from_ns, std::int64_t to_ns) {
    from_ns_ = next_ns_ = from_ns;
    to_ns_ = to_ns;
}

void Tally::end_window() {
    if (next_ns_ == from_ns_) cpu_before_ = own_cpu_seconds();
    if (next_ns_ > from_ns_) {
        Window window;
        window.from_s = static_cast<double>(next_ns_ - window_ns_ - from_ns_) / 1e9;
        window.operations = window_.count();
        window.errors = std::exchange(errors_in_window_, 0);
        window.p50_ns = window_.percentile(0.5);
        window.p99_ns = window_.percentile(0.99);
        window.max_ns = window_.max();
        result_.windows.push_back(window);
        result_.latency.add(window_);
        window_.clear();
        if (options_.on_window) options_.on_window(window);
    }
    if (next_ns_ + window_ns_ > to_ns_) {
        result_.own_cpu_seconds = own_cpu_seconds() - cpu_before_;
        next_ns_ = INT64_MAX;
    } else {
        next_ns_ += window_ns_;
    }
}

void Tally::keep(std::int64_t now_ns, std::int64_t latency_ns) {
    result_.samples.push_back({time_of(now_ns), latency_ns});
}

LoadResult Tally::finish(std::int64_t now_ns) {
    advance(now_ns);
    if (next_ns_ != INT64_MAX) result_.own_cpu_seconds = own_cpu_seconds() - cpu_before_;
    result_.latency.add(window_);
    // Not even begun, where it was broken off in time.
    const std::int64_t to_ns = std::max(std::min(now_ns, to_ns_), from_ns_);
    result_.from = time_of(from_ns_);
    result_.to = time_of(to_ns);
    result_.seconds = static_cast<double>(to_ns - from_ns_) / 1e9;
    if (result_.seconds > 0) {
        result_.per_second = static_cast<double>(result_.answered()) / result_.seconds;
    }
    return std::move(result_);
}

}  // namespace raftkv::bench
