#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "node/kv/litter.hpp"
#include "node/kv/record.hpp"
#include "node/kv/snapshot.hpp"
#include "node/kv/table.hpp"

namespace raftkv::kv {

// The state of a store at one moment, read out while the store goes on.
//
// Nothing is copied for it. A record never changes, and its version tells whether it was there at
// the moment; so the table is read as it is, shard by shard, without the records that are younger,
// and together with those that have left it since, which are kept until their shard was read.
class FrozenState {
  public:
    // As it is now: `sum` is that of the hashes of all records in `table`, which must outlive this.
    FrozenState(const Table& table, const snapshot::Header& header, std::uint64_t sum,
                std::size_t chunk_bytes);
    FrozenState(const FrozenState&) = delete;
    FrozenState& operator=(const FrozenState&) = delete;
    ~FrozenState();

    // To be told of each record that has just left the table. True: it is still to be read, and has
    // to be kept by whoever asked.
    bool misses(const Record& record);
    // Takes over `record`: what `left` is, which is missed, or a copy of that.
    void keep(const Record* left, Record* record);

    // Appends the next chunk; false when there was none left. Appends nothing and answers true when
    // it has looked at so many records for a chunk that it was time to let others run.
    bool read(std::string& chunk);

    // Bytes of the records that left the table and are kept.
    std::size_t kept_bytes() const { return kept_bytes_; }
    // Ends it: nothing is to be read any more, and what was kept goes to `litter`.
    void give_up(Litter& litter);

  private:
    struct Placed {
        std::uint64_t place;
        Record* record;
    };

    bool was_there(const Record& record) const;
    void fill_chunk();
    void open_shard();
    void close_shard();
    void pass_over(const Record& record);
    void append_item(const Placed& item);
    void append_footer();

    const Table& table_;
    const snapshot::Header header_;
    const std::size_t chunk_bytes_;
    const std::uint64_t sum_;    // of the hashes of all records at the moment
    std::size_t opened_ = 0;     // shards before this were looked through
    std::size_t closed_ = 0;     // shards before this were read; opened_ or opened_ - 1
    std::vector<Placed> items_;  // of the open shard, in order
    std::size_t next_ = 0;       // of items_
    std::vector<std::vector<Record*>> kept_;  // by shard; none in shards before closed_
    std::size_t kept_bytes_ = 0;
    std::string chunk_;             // begun, and not full
    snapshot::Footer footer_;       // items: so many were read
    std::uint64_t read_sum_ = 0;    // of the hashes of the items that were read
    std::uint64_t passed_sum_ = 0;  // of those that were past their end at the moment
    bool is_over_ = false;
};

}  // namespace raftkv::kv
