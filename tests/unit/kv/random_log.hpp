#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "common/strong_types.hpp"
#include "tests/unit/kv/commands.hpp"

namespace raftkv::kv {

struct LoggedCommand {
    LogIndex index;
    std::string bytes;
};

// A log of commands on few keys, so that they meet; time passes unevenly, and sometimes back. One
// value in ten is long.
inline std::vector<LoggedCommand> random_log(std::uint64_t seed, std::size_t length,
                                             std::uint64_t long_value = 500) {
    std::mt19937_64 random(seed);
    const auto below = [&random](std::uint64_t limit) { return random() % limit; };
    const std::uint64_t keys = 1 + below(200);
    std::vector<LoggedCommand> log;
    std::vector<std::uint64_t> last_write(keys);
    std::uint64_t index = 0;
    std::int64_t now = 0;
    for (std::size_t i = 0; i < length; ++i) {
        index += 1 + (below(4) == 0 ? below(3) : 0);
        now += static_cast<std::int64_t>(below(50) == 0 ? below(5000) : below(20));
        const std::int64_t stamp = std::max<std::int64_t>(
            0, now - static_cast<std::int64_t>(below(3) == 0 ? below(300) : 0));
        const std::uint64_t k = below(keys);
        const std::string key = "key" + std::to_string(k);
        const std::string value(below(10) == 0 ? below(long_value) : below(20),
                                static_cast<char>(below(256)));
        const auto exptime_s = static_cast<std::uint32_t>(below(2) == 0 ? 0 : 1 + below(4));
        switch (below(8)) {
            case 0:
                log.push_back({LogIndex(index), tick(stamp)});
                break;
            case 1:
                log.push_back({LogIndex(index), del(stamp, key)});
                break;
            case 2:
            case 3:
                log.push_back({LogIndex(index), cas(stamp, key, last_write[k], value, exptime_s)});
                break;
            default:
                log.push_back({LogIndex(index), set(stamp, key, value, exptime_s)});
                break;
        }
        if (below(3) != 0) last_write[k] = index;  // a guess, right often enough
    }
    return log;
}

}  // namespace raftkv::kv
