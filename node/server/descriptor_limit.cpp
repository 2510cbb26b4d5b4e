#include "node/server/descriptor_limit.hpp"

#include <sys/resource.h>

namespace raftkv::server {

std::size_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    rlimit wanted = limit;
    wanted.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0) limit = wanted;
    return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace raftkv::server
