#pragma once

#include <optional>
#include <vector>

#include "common/faults/fault_spec.hpp"
#include "common/strong_types.hpp"

namespace raftkv::server {

// Which faults are in force, and until when. At most one for each place, so it is bounded by the
// number of peers. Pure.
class FaultTable {
  public:
    // In the place of the one before, if there is one.
    void add(const FaultSpec& fault, MonotonicMs now);
    void clear() { rows_.clear(); }
    // True when the time of any was over.
    bool expire(MonotonicMs now);

    bool any() const { return !rows_.empty(); }
    // In the order in which they came; `lasts_ms` is how much longer, at least 1.
    std::vector<FaultSpec> list(MonotonicMs now) const;

  private:
    struct Row {
        FaultSpec fault;
        std::optional<MonotonicMs> end;
    };
    std::vector<Row> rows_;
};

}  // namespace raftkv::server
