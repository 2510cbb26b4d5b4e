#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/strong_types.hpp"

namespace raftkv::server {

// Keeps events that strangers can cause from flooding the log: a few lines a second pass, and the
// next one says how many did not.
class LogLimiter {
  public:
    // A warning, if one may be said now.
    void warn(MonotonicMs now, std::string_view message);

  private:
    static constexpr int lines_per_second = 5;

    MonotonicMs second_;
    int said_ = 0;
    std::uint64_t left_out_ = 0;
};

}  // namespace raftkv::server
