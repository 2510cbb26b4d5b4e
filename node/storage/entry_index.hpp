#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/strong_types.hpp"

namespace raftkv::storage {

// Where entries are, roughly: a checkpoint for about every 64 KiB of log, for the first entry of
// each segment and for the first one after each truncation. From a checkpoint on, the entries up
// to the next checkpoint's stand one after another in one segment, none of them void. 16 bytes a
// checkpoint: a log of 10 million small entries takes half a megabyte.
class EntryIndex {
  public:
    // The entries to come are in this segment.
    void start_segment(std::uint64_t sequence);
    // Entries are added in order; offset is that of the record.
    void add(LogIndex index, std::uint64_t offset);
    void truncate(LogIndex from);
    // Nothing that was added counts any more.
    void clear();
    // Segments before this one are gone.
    void forget_before(std::uint64_t sequence);

    // The first entry that can be found.
    std::optional<LogIndex> first() const;

    struct Span {
        std::uint64_t sequence = 0;
        std::uint64_t offset = 0;
        LogIndex first;                // the entry at `offset`
        std::optional<LogIndex> next;  // the first entry that is not in this span any more
    };
    // The span that has this entry. It must have been added.
    Span span_of(LogIndex index) const;

  private:
    struct Checkpoint {
        LogIndex index;
        std::uint32_t sequence = 0;
        std::uint32_t offset = 0;
    };

    std::vector<Checkpoint> checkpoints_;  // ascending in index
    std::uint64_t sequence_ = 0;
    bool due_ = true;  // the next entry gets a checkpoint
};

}  // namespace raftkv::storage
