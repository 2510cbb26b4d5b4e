#pragma once

#include <cstdint>

namespace raftkv::bench {

enum class Distribution { uniform, zipf, in_turn };

// Random numbers that are the same in every run (splitmix64).
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    // 0 <= x < 1
    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    // 0 <= x < bound
    std::uint64_t below(std::uint64_t bound) {
        return static_cast<std::uint64_t>(unit() * static_cast<double>(bound));
    }

  private:
    std::uint64_t state_;
};

// Picks the numbers of keys, 0 to count - 1. By zipf the number k is picked with a probability in
// proportion to 1 / (k + 1) ^ 0.99, as YCSB has it: of a million keys the first gets about one
// operation in fifteen. Needs no table; by rejection inversion (Hörmann and Derflinger, 1996).
class KeyPicker {
  public:
    static constexpr double exponent = 0.99;

    // `count` is at least 1.
    KeyPicker(std::uint64_t count, Distribution distribution);

    std::uint64_t next(Random& random);

  private:
    std::uint64_t zipf(Random& random) const;

    std::uint64_t count_;
    Distribution distribution_;
    std::uint64_t turn_ = 0;
    // Of the area under x ^ -exponent: up to 1.5, less the first bar; and up to count + 0.5.
    double area_from_ = 0, area_to_ = 0;
    double sure_ = 0;
};

}  // namespace raftkv::bench
