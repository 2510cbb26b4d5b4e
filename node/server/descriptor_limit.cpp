#include "node/server/descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace raftkv::server {

std::size_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    rlimit wanted = limit;
    wanted.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0) limit = wanted;
    return static_cast<std::size_t>(limit.rlim_cur);
}

DescriptorShares share_descriptors(std::size_t limit) {
    // Members, files, listeners and what a turn needs for a moment take up to half of the fewest.
    constexpr std::size_t reserved = 256;
    DescriptorShares shares;
    shares.clients = limit - std::min(limit / 2, reserved);
    shares.admin = std::clamp<std::size_t>(limit / 16, 8, 64);
    shares.strangers = shares.admin;
    return shares;
}

}  // namespace raftkv::server
