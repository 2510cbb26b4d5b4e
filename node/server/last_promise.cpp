#include "node/server/last_promise.hpp"

#include <fmt/format.h>
#include <poll.h>

#include "common/log.hpp"
#include "node/storage/promise.hpp"

namespace raftkv::server {

std::uint32_t promise_ms(const ClusterConfig& config) {
    const bool leases = config.read_mode == ClusterConfig::ReadMode::lease;
    return leases ? config.election_timeout_min_ms : 0;
}

Result<void> keep_last_promise(storage::Disk& disk, const ClusterConfig& config) {
    const std::uint32_t own_ms = promise_ms(config);
    const auto last_ms = storage::find_promise_ms(disk);
    if (!last_ms.ok()) return last_ms.error();
    if (*last_ms == own_ms) return {};
    if (*last_ms > own_ms) {
        log::info(fmt::format(
            "waits {} ms: so long a leader that reads by its lease may count on what this node "
            "promised before it was configured otherwise",
            *last_ms));
        ::poll(nullptr, 0, static_cast<int>(*last_ms));
    }
    return storage::replace_promise_ms(disk, own_ms);
}

}  // namespace raftkv::server
