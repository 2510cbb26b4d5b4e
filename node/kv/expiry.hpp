#pragma once

#include <boost/intrusive/set.hpp>
#include <cstddef>
#include <optional>

#include "common/strong_types.hpp"
#include "node/kv/record.hpp"

namespace raftkv::kv {

// The records that have an end, by their deadlines. Owns none of them; records without an end are
// accepted everywhere and mean nothing to it.
class ExpiryOrder {
  public:
    void add(Record& record);
    void remove(Record& record);
    void clear() { order_.clear(); }
    std::size_t size() const { return order_.size(); }

    std::optional<ClusterMs> earliest() const;
    // The record with the earliest deadline, when `clock` has reached that; nullptr otherwise.
    Record* due(ClusterMs clock);

    template <class Visit>
    void for_each_due(ClusterMs clock, const Visit& visit) const {
        for (const Expiry& expiry : order_) {
            if (expiry.deadline > clock) return;
            visit(*expiry.record());
        }
    }

  private:
    struct Earlier {
        bool operator()(const Expiry& a, const Expiry& b) const { return a.deadline < b.deadline; }
    };
    using Order = boost::intrusive::multiset<Expiry, boost::intrusive::compare<Earlier>>;

    Order order_;
};

}  // namespace raftkv::kv
