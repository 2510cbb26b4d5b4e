#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/restored.hpp"
#include "node/raft/types.hpp"

namespace raftkv::raft {

// What the core knows of the replicated log: where it begins, the term of every entry, and the
// newest entries themselves. Those between are on disk alone; those before it are in a snapshot.
class Log {
  public:
    Log() = default;
    // Its beginning, its terms, and its last entries: what `restored` says of them.
    explicit Log(const Restored& restored);

    // The first entry that is still there, or would be.
    LogIndex first_index() const { return before_first_ + 1; }
    LogIndex last_index() const { return last_index_; }
    Term last_term() const { return term_at(last_index_); }
    // Whether term_at() knows the term: of the entries in the log, and of the one before them.
    bool knows_term_at(LogIndex index) const {
        return index >= before_first_ && index <= last_index_;
    }
    // Term 0 at index 0.
    Term term_at(LogIndex index) const;
    bool matches(LogIndex index, Term term) const {
        return knows_term_at(index) && term_at(index) == term;
    }
    // Each of its entries is the first of its term.
    bool is_one_a_term() const { return last_index_ - before_first_ <= term_runs_.size(); }
    // The first index, in the log, of the run of entries that `index` belongs to, all of one term.
    LogIndex first_of_term_at(LogIndex index) const;
    // The last index whose term is at most `term`; first_index() - 1 when there is none.
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
    // Entries before `first` are not needed any more.
    void forget_before(LogIndex first);
    // The whole log is void; it goes on after the entry `index` of `term`.
    void restart_after(LogIndex index, Term term);
    // Forgets the oldest entries in memory up to `keep_after` while they take more than `bytes`.
    void shrink_cache(std::size_t bytes, LogIndex keep_after);

  private:
    LogIndex before_first_;  // index and term of the entry before the first one
    Term term_before_first_;
    std::vector<TermRun> term_runs_;  // ascending in both fields, from the first entry on
    std::deque<Entry> cache_;         // contiguous, ends at last_index_
    std::size_t cache_bytes_ = 0;
    LogIndex last_index_;
};

// What an entry costs in memory and in queues.
inline std::size_t cost_of(const Entry& entry) {
    return entry.payload.size() + sizeof(Entry);
}

}  // namespace raftkv::raft
