#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace raftkv::bench {

// Counts durations in buckets whose bounds grow by a 128th of a power of two, so that a percentile
// is right within 0.8 % over the whole range. Adding costs a few instructions and no allocation.
class Histogram {
  public:
    // Up to 18 minutes; the last bucket takes what is longer.
    static constexpr std::size_t buckets = 34 * 128;

    void add(std::int64_t ns, std::uint64_t times = 1);
    void add(const Histogram& other);
    void clear() { *this = Histogram(); }

    std::uint64_t count() const { return count_; }
    std::int64_t max() const { return max_; }
    double mean() const;
    // The bound that `fraction` (0 to 1) of all durations do not exceed; 0 when there are none.
    std::int64_t percentile(double fraction) const;
    // Calls `visit` with each duration, as well as it is known, and how often it was added.
    void each(const std::function<void(std::int64_t, std::uint64_t)>& visit) const;

  private:
    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t count_ = 0;
    std::int64_t sum_ = 0;
    std::int64_t max_ = 0;
};

}  // namespace raftkv::bench
