#include "node/server/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace raftkv::server {
namespace {

// Two bits below the leading one choose among the four buckets of a power of two. Durations under
// 4 us have a bucket each.
std::size_t bucket_of(std::uint64_t us) {
    if (us < 4) return static_cast<std::size_t>(us);
    auto power = static_cast<std::size_t>(std::bit_width(us) - 1);
    std::size_t quarter = (us >> (power - 2)) & 3;
    return std::min((power - 1) * 4 + quarter, LatencyHistogram::buckets - 1);
}

// The largest duration of a bucket.
std::uint64_t bound_of(std::size_t bucket) {
    if (bucket < 4) return bucket;
    std::size_t power = bucket / 4 + 1;
    std::uint64_t quarter = bucket % 4;
    return ((4 + quarter + 1) << (power - 2)) - 1;
}

}  // namespace

void LatencyHistogram::add(std::uint64_t us) {
    ++counts_[bucket_of(us)];
    ++count_;
    sum_us_ += us;
    max_us_ = std::max(max_us_, us);
}

std::uint64_t LatencyHistogram::percentile_us(double fraction) const {
    auto wanted = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        seen += counts_[bucket];
        if (seen >= wanted && seen > 0) return std::min(bound_of(bucket), max_us_);
    }
    return max_us_;
}

std::uint64_t LatencyHistogram::at_most(std::uint64_t us) const {
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets && bound_of(bucket) <= us; ++bucket) {
        seen += counts_[bucket];
    }
    return seen;
}

}  // namespace raftkv::server
