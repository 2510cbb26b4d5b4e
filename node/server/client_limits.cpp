#include "node/server/client_limits.hpp"

#include <algorithm>
#include <string>

#include "common/log.hpp"
#include "node/server/descriptor_limit.hpp"

namespace raftkv::server {

ClientLimits client_limits(const ClusterConfig& config) {
    ClientLimits limits;
    limits.max_value_bytes = config.max_value_bytes;
    limits.max_output_bytes =
        std::max<std::size_t>(limits.max_output_bytes, 4 * std::size_t{config.max_value_bytes});
    limits.max_connections =
        std::min(limits.max_connections, share_descriptors(raise_descriptor_limit()).clients);
    return limits;
}

Result<void> check_descriptors() {
    const std::size_t descriptors = raise_descriptor_limit();
    constexpr const char* advice =
        ". \"ulimit -Hn\" says how many are allowed; /etc/security/limits.conf, LimitNOFILE= of "
        "systemd or --ulimit of a container raise it";
    if (descriptors < min_descriptors)
        return Error{ErrorKind::usage, "a process may open " + std::to_string(descriptors) +
                                           " files here (ulimit -n), and a node needs " +
                                           std::to_string(min_descriptors) + " at least" + advice};
    const std::size_t clients = share_descriptors(descriptors).clients;
    if (clients < ClientLimits().max_connections)
        log::warn("takes " + std::to_string(clients) + " client connections, and not " +
                  std::to_string(ClientLimits().max_connections) + ": a process may open " +
                  std::to_string(descriptors) + " files here (ulimit -n)" + advice);
    return {};
}

}  // namespace raftkv::server
