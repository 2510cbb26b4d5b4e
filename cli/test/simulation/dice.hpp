#pragma once

#include <cstdint>

// Chance that can be repeated. Every number depends on (seed, stream, entity, count) alone, so that
// leaving out one event of a run does not change the luck of all others: that is what makes a
// failure shrink. Whole numbers only: they come out the same with every compiler.

namespace raftkv::simulation {

enum class Stream : std::uint64_t {
    plan = 1,
    faults,
    operations,
    limits,
    link,
    disk,
    sync,
    turns,
    clients,
    restarts,
    crashes,
    election,
    snapshots,
    forgeries,
    pipelines = 40,  // later ones of others come before it
};

constexpr std::uint64_t mix(std::uint64_t z) {  // the finalizer of splitmix64
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

class Dice {
  public:
    Dice(std::uint64_t seed, Stream stream, std::uint64_t entity = 0)
        : key_(mix(seed + 0x9e3779b97f4a7c15ULL * static_cast<std::uint64_t>(stream)) ^
               mix(entity + 0x632be59bd9b4e019ULL)) {}

    std::uint64_t next() { return mix(key_ + 0x9e3779b97f4a7c15ULL * ++count_); }
    // In [0, n); n > 0.
    std::uint64_t below(std::uint64_t n) { return next() % n; }
    // In [low, high].
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }
    // With a chance of so many in a million.
    bool ppm(std::uint64_t chance) { return chance > 0 && below(1'000'000) < chance; }
    bool half() { return (next() & 1) != 0; }
    // In [low, high], every order of magnitude as likely as another; low > 0.
    std::int64_t log_between(std::int64_t low, std::int64_t high) {
        std::int64_t octaves = 0;
        while ((low << (octaves + 1)) <= high) ++octaves;
        const std::int64_t from = low << between(0, octaves);
        return between(from, from * 2 - 1 < high ? from * 2 - 1 : high);
    }

  private:
    std::uint64_t key_;
    std::uint64_t count_ = 0;
};

}  // namespace raftkv::simulation
