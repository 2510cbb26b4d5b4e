#include "node/kv/expiry.hpp"

namespace raftkv::kv {

void ExpiryOrder::add(Record& record) {
    if (!record.has_end()) return;
    // Most programs give all their keys the same time to live, so the new deadline is the last one:
    // with the hint that costs no walk down the tree.
    order_.insert(order_.cend(), expiry_of(record));
}

void ExpiryOrder::remove(Record& record) {
    if (record.has_end()) order_.erase(order_.iterator_to(expiry_of(record)));
}

std::optional<ClusterMs> ExpiryOrder::earliest() const {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->deadline;
}

Record* ExpiryOrder::due(ClusterMs clock) {
    if (order_.empty() || order_.begin()->deadline > clock) return nullptr;
    return order_.begin()->record();
}

}  // namespace raftkv::kv
