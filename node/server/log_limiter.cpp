#include "node/server/log_limiter.hpp"

#include "common/log.hpp"

namespace raftkv::server {

void LogLimiter::warn(MonotonicMs now, std::string_view message) {
    if (now - second_ >= 1000) {
        second_ = now;
        said_ = 0;
    }
    if (said_ >= lines_per_second) {
        ++left_out_;
        return;
    }
    ++said_;
    std::string line(message);
    if (left_out_ > 0) line += " (and " + std::to_string(left_out_) + " more like this)";
    left_out_ = 0;
    log::warn(line);
}

}  // namespace raftkv::server
