#pragma once

#include <string>
#include <string_view>

#include "node/kv/command.hpp"

// Encoded commands, short enough to read a test by.

namespace raftkv::kv {

inline std::string encoded(const Command& command) {
    std::string out;
    encode(command, out);
    return out;
}

inline std::string set(std::int64_t stamp, std::string_view key, std::string_view value,
                       std::uint32_t exptime_s = 0) {
    return encoded({CommandOp::set, ClusterMs(stamp), exptime_s, 0, key, value});
}

inline std::string cas(std::int64_t stamp, std::string_view key, std::uint64_t version,
                       std::string_view value, std::uint32_t exptime_s = 0) {
    return encoded({CommandOp::cas, ClusterMs(stamp), exptime_s, version, key, value});
}

inline std::string del(std::int64_t stamp, std::string_view key) {
    return encoded({CommandOp::del, ClusterMs(stamp), 0, 0, key, ""});
}

inline std::string tick(std::int64_t stamp) {
    return encoded({CommandOp::tick, ClusterMs(stamp), 0, 0, "", ""});
}

}  // namespace raftkv::kv
