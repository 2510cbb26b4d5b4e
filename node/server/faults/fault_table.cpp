#include "node/server/faults/fault_table.hpp"

#include <algorithm>

namespace raftkv::server {

void FaultTable::add(const FaultSpec& fault, MonotonicMs now) {
    Row row{fault, std::nullopt};
    if (fault.lasts_ms) row.end = now + *fault.lasts_ms;
    auto before = std::find_if(rows_.begin(), rows_.end(),
                               [&](const Row& known) { return same_place(known.fault, fault); });
    if (before == rows_.end()) {
        rows_.push_back(row);
    } else {
        *before = row;
    }
}

bool FaultTable::expire(MonotonicMs now) {
    return std::erase_if(rows_, [now](const Row& row) { return row.end && *row.end <= now; }) > 0;
}

std::vector<FaultSpec> FaultTable::list(MonotonicMs now) const {
    std::vector<FaultSpec> faults;
    for (const Row& row : rows_) {
        FaultSpec fault = row.fault;
        if (row.end) fault.lasts_ms = std::max<std::int64_t>(*row.end - now, 1);
        faults.push_back(fault);
    }
    return faults;
}

}  // namespace raftkv::server
