#include "cli/bench/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace raftkv::bench {
namespace {

// The leading bit and the seven below it choose the bucket; what is shorter than 256 ns has one of
// its own for each nanosecond.
constexpr int kept_bits = 8;
constexpr std::size_t half = 1u << (kept_bits - 1);

std::size_t bucket_of(std::int64_t ns) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 0));
    const int shift = std::max(static_cast<int>(std::bit_width(value)) - kept_bits, 0);
    const std::size_t bucket = static_cast<std::size_t>(shift) * half + (value >> shift);
    return std::min(bucket, Histogram::buckets - 1);
}

// The longest duration of a bucket.
std::int64_t bound_of(std::size_t bucket) {
    const std::size_t shift = bucket < 2 * half ? 0 : bucket / half - 1;
    const std::uint64_t kept = bucket - shift * half;
    return static_cast<std::int64_t>(((kept + 1) << shift) - 1);
}

}  // namespace

void Histogram::add(std::int64_t ns, std::uint64_t times) {
    counts_[bucket_of(ns)] += times;
    count_ += times;
    sum_ += ns * static_cast<std::int64_t>(times);
    max_ = std::max(max_, ns);
}

void Histogram::add(const Histogram& other) {
    for (std::size_t i = 0; i < buckets; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
}

double Histogram::mean() const {
    return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::int64_t Histogram::percentile(double fraction) const {
    // Never less than one: of a single duration, each percentile is that duration.
    const auto wanted = std::max<std::uint64_t>(
        static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_))), 1);
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        seen += counts_[bucket];
        if (seen < wanted) continue;
        return bucket + 1 == buckets ? max_ : std::min(bound_of(bucket), max_);
    }
    return max_;
}

void Histogram::each(const std::function<void(std::int64_t, std::uint64_t)>& visit) const {
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        if (counts_[bucket] > 0) visit(std::min(bound_of(bucket), max_), counts_[bucket]);
    }
}

}  // namespace raftkv::bench
