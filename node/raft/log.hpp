#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/restored.hpp"
#include "node/raft/types.hpp"

namespace raftkv::raft {

// What the core knows of the replicated log: the term of every entry, and the newest entries
// themselves. Older ones are on disk alone.
class Log {
  public:
    Log() = default;
    // `tail` holds the last entries of a log whose terms are `term_runs`.
    Log(std::vector<TermRun> term_runs, std::vector<Entry> tail, LogIndex last_index);

    LogIndex last_index() const { return last_index_; }
    Term last_term() const { return term_at(last_index_); }
    // Term 0 at index 0. The index must be within the log.
    Term term_at(LogIndex index) const;
    bool matches(LogIndex index, Term term) const {
        return index <= last_index_ && term_at(index) == term;
    }
    // The first index of the run of entries that `index` belongs to, all of one term.
    LogIndex first_of_term_at(LogIndex index) const;
    // The last index whose term is at most `term`; 0 when there is none.
    LogIndex last_of_term_at_most(Term term) const;

    // The first entry that is in memory; last_index + 1 when none is.
    LogIndex first_cached() const { return last_index_ + 1 - cache_.size(); }
    // The entry must be in memory.
    const Entry& entry(LogIndex index) const;
    // Entries in memory from `from` on, at most `max_bytes` of payload, but at least one.
    std::vector<Entry> slice(LogIndex from, std::size_t max_bytes) const;
    std::size_t cache_bytes() const { return cache_bytes_; }

    // The next index, and a term not below the last one's.
    void append(Entry entry);
    void truncate_from(LogIndex index);
    // Forgets the oldest entries in memory up to `keep_after` while they take more than `bytes`.
    void shrink_cache(std::size_t bytes, LogIndex keep_after);

  private:
    std::vector<TermRun> term_runs_;  // ascending in both fields
    std::deque<Entry> cache_;         // contiguous, ends at last_index_
    std::size_t cache_bytes_ = 0;
    LogIndex last_index_;
};

// What an entry costs in memory and in queues.
inline std::size_t cost_of(const Entry& entry) {
    return entry.payload.size() + sizeof(Entry);
}

}  // namespace raftkv::raft
