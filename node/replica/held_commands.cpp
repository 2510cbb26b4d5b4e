#include "node/replica/held_commands.hpp"

#include <algorithm>
#include <utility>

namespace raftkv::replica {

void HeldCommands::add(ClientToken client, const protocol::Request& request, MonotonicMs deadline,
                       bool behind_writes) {
    held_.push_back({client, deadline, request.op, request.exptime_s, request.version,
                     std::string(request.key), std::string(request.value), behind_writes});
    bytes_ += cost_of(request);
}

void HeldCommands::put_back(ClientToken client, const protocol::Request& request,
                            MonotonicMs deadline, bool behind_writes) {
    // Deadlines ascend.
    if (!held_.empty()) deadline = std::min(deadline, held_.front().deadline);
    held_.push_front({client, deadline, request.op, request.exptime_s, request.version,
                      std::string(request.key), std::string(request.value), behind_writes});
    bytes_ += cost_of(request);
}

HeldCommands::Held HeldCommands::take_front() {
    Held held = std::move(held_.front());
    held_.pop_front();
    bytes_ -= cost_of(held.request());
    return held;
}

}  // namespace raftkv::replica
