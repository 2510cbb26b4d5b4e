#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "common/strong_types.hpp"
#include "node/kv/expiry.hpp"
#include "node/kv/frozen.hpp"
#include "node/kv/litter.hpp"
#include "node/kv/record.hpp"
#include "node/kv/store.hpp"
#include "node/kv/table.hpp"

namespace raftkv::kv {

// What a Store holds, and a StoreLoader builds.
struct StoreState {
    Table table;           // owns its records
    ExpiryOrder expiries;  // exactly the records in `table` that have an end
    LogIndex last_applied;
    ClusterMs clock;
    std::size_t bytes = 0;                  // sum of block_bytes of all in `table`
    std::uint64_t hash_sum = 0;             // sum of hash_of of all in `table`, modulo 2^64
    std::vector<FrozenState*> readers;      // all that are under way, `snapshot` among them
    std::unique_ptr<FrozenState> snapshot;  // the one of begin_snapshot()
    Litter litter;                          // what readers that were given up had kept

    StoreState() = default;
    StoreState(const StoreState&) = delete;
    StoreState& operator=(const StoreState&) = delete;
    ~StoreState();

    Record* find_live(std::string_view key) const;
    Outcome dispatch(const Command& command, std::uint64_t version);
    // How many it did.
    std::size_t remove_due(std::size_t limit);

    std::unique_ptr<FrozenState> start_reading(std::size_t chunk_bytes);
    void stop_reading(FrozenState& reader);

  private:
    Outcome set(const Command& command, std::uint64_t version);
    Outcome cas(const Command& command, std::uint64_t version);
    Outcome del(const Command& command);

    void put(Record* record);
    void remove(Record* record);
    void let_go(Record* record);
    void keep_or_free(Record* record);
};

}  // namespace raftkv::kv
