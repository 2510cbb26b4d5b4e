#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace raftkv::log {

// How often a kind of line may be said: `burst` times at once, then once a second. Lines that
// differ in numbers alone are of one kind. What is left out is counted, and the next line of the
// kind that passes says how many.
class LineRate {
  public:
    static constexpr int burst = 16;
    using Time = std::chrono::system_clock::time_point;

    // `allowed_at_once` of each kind.
    explicit LineRate(int allowed_at_once = burst) : allowed_at_once_(allowed_at_once) {}

    // Nothing when the line has to be left out, else how many were left out before it.
    std::optional<std::uint64_t> take(std::string_view line, Time now);

  private:
    static constexpr std::size_t max_kinds = 1000;  // strangers may have a hand in what is said

    struct Allowance {
        Time since;  // when `left` was counted
        double left = 0;
        std::uint64_t left_out = 0;
    };
    const int allowed_at_once_;
    std::map<std::string, Allowance, std::less<>> kinds_;
};

}  // namespace raftkv::log
