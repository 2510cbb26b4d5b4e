#include "node/server/farewell.hpp"

namespace raftkv::server {
namespace {

constexpr std::int64_t finish_within_ms = 2000;
// For clients in the middle of something to be told who leads now.
constexpr std::int64_t redirect_ms = 100;
// For clients to see the end of their connection before the process goes.
constexpr std::int64_t goodbye_ms = 200;

}  // namespace

void Farewell::begin(MonotonicMs now, bool leads) {
    begun_ = now;
    led_ = leads;
}

void Farewell::begin_with_redirects(MonotonicMs now) {
    begin(now, false);
    redirects_since_ = now;
}

bool Farewell::is_late(MonotonicMs now) const {
    return begun_ && now - *begun_ > finish_within_ms;
}

bool Farewell::hands_over(MonotonicMs now, const replica::Standing& standing) {
    if (redirects_since_) return now - *redirects_since_ < redirect_ms;
    if (!led_ || now - *begun_ >= hand_over_within_ms_) return false;
    if (standing.role == raft::Role::leader) return standing.hands_over_to.has_value();
    if (standing.leader) redirects_since_ = now;
    return true;
}

bool Farewell::is_over(MonotonicMs now, std::size_t unfinished, std::size_t connections) {
    if (unfinished > 0) return false;
    if (!said_all_since_) said_all_since_ = now;
    return connections == 0 || now - *said_all_since_ >= goodbye_ms;
}

}  // namespace raftkv::server
