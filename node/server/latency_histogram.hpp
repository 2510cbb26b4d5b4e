#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace raftkv::server {

// Counts durations in buckets whose bounds grow by a quarter of a power of two, so a percentile is
// right within about a fifth. A value: copy it to hand it over.
class LatencyHistogram {
  public:
    // 1 us to more than a minute; the last bucket takes what is longer.
    static constexpr std::size_t buckets = 4 * 27;

    void add(std::uint64_t us);

    std::uint64_t count() const { return count_; }
    std::uint64_t sum_us() const { return sum_us_; }
    std::uint64_t max_us() const { return max_us_; }
    std::uint64_t mean_us() const { return count_ == 0 ? 0 : sum_us_ / count_; }
    // The bound below which `fraction` (0 to 1) of all durations lie.
    std::uint64_t percentile_us(double fraction) const;
    // How many took at most `us`; exact where `us` is a bound of a bucket.
    std::uint64_t at_most(std::uint64_t us) const;

  private:
    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t sum_us_ = 0;
    std::uint64_t max_us_ = 0;
};

}  // namespace raftkv::server
