#include "node/raft/log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/check.hpp"

namespace raftkv::raft {
namespace {

// The run that holds `index`: the last one that does not start after it.
auto run_of(const std::vector<TermRun>& runs, LogIndex index) {
    const auto after = std::upper_bound(
        runs.begin(), runs.end(), index,
        [](LogIndex wanted, const TermRun& run) { return wanted < run.first_index; });
    RAFTKV_CHECK(after != runs.begin());
    return std::prev(after);
}

}  // namespace

Log::Log(const Restored& restored)
    : before_first_(restored.first_index - 1),
      term_before_first_(restored.term_before_first),
      term_runs_(restored.term_runs),
      cache_(restored.tail.begin(), restored.tail.end()),
      last_index_(restored.last_index) {
    for (const Entry& entry : cache_) cache_bytes_ += cost_of(entry);
    RAFTKV_CHECK(cache_.empty() || cache_.back().index == last_index_);
    RAFTKV_CHECK(term_runs_.empty() == (last_index_ == before_first_));
    RAFTKV_CHECK(term_runs_.empty() || term_runs_.front().first_index == first_index());
}

Term Log::term_at(LogIndex index) const {
    RAFTKV_CHECK(knows_term_at(index));
    if (index == before_first_) return term_before_first_;
    // Nearly every question is about the newest term.
    if (term_runs_.back().first_index <= index) return term_runs_.back().term;
    return run_of(term_runs_, index)->term;
}

LogIndex Log::first_of_term_at(LogIndex index) const {
    RAFTKV_CHECK(index > before_first_ && index <= last_index_);
    return run_of(term_runs_, index)->first_index;
}

LogIndex Log::last_of_term_at_most(Term term) const {
    const auto later = std::find_if(term_runs_.begin(), term_runs_.end(),
                                    [&](const TermRun& run) { return run.term > term; });
    return later == term_runs_.end() ? last_index_ : later->first_index - 1;
}

const Entry& Log::entry(LogIndex index) const {
    RAFTKV_CHECK(index >= first_cached() && index <= last_index_);
    return cache_[index - first_cached()];
}

std::vector<Entry> Log::slice(LogIndex from, std::size_t max_bytes) const {
    RAFTKV_CHECK(from >= first_cached());
    std::vector<Entry> entries;
    if (from > last_index_) return entries;
    const std::size_t first = from - first_cached();
    std::size_t bytes = 0, end = first;
    while (end < cache_.size()) {
        bytes += cost_of(cache_[end]);
        if (bytes > max_bytes && end > first) break;
        ++end;
    }
    entries.assign(cache_.begin() + first, cache_.begin() + end);
    return entries;
}

void Log::append(Entry entry) {
    RAFTKV_CHECK(entry.index == last_index_ + 1);
    RAFTKV_CHECK(entry.term >= last_term());
    if (term_runs_.empty() || term_runs_.back().term != entry.term)
        term_runs_.push_back({entry.index, entry.term});
    last_index_ = entry.index;
    cache_bytes_ += cost_of(entry);
    cache_.push_back(std::move(entry));
}

void Log::truncate_from(LogIndex index) {
    RAFTKV_CHECK(index > before_first_ && index <= last_index_);
    const LogIndex first = first_cached();
    while (!cache_.empty() && cache_.back().index >= index) {
        cache_bytes_ -= cost_of(cache_.back());
        cache_.pop_back();
    }
    RAFTKV_CHECK(index >= first);  // uncommitted entries never leave memory
    while (!term_runs_.empty() && term_runs_.back().first_index >= index) term_runs_.pop_back();
    last_index_ = index - 1;
}

void Log::forget_before(LogIndex first) {
    if (first <= first_index()) return;
    RAFTKV_CHECK(first <= last_index_ + 1);
    term_before_first_ = term_at(first - 1);
    before_first_ = first - 1;
    while (!term_runs_.empty()) {
        const LogIndex end = term_runs_.size() > 1 ? term_runs_[1].first_index : last_index_ + 1;
        if (end > first) break;
        term_runs_.erase(term_runs_.begin());
    }
    if (!term_runs_.empty()) {
        TermRun& run = term_runs_.front();
        run.first_index = std::max(run.first_index, first);
    }
    shrink_cache(0, before_first_);
}

void Log::restart_after(LogIndex index, Term term) {
    *this = Log();
    before_first_ = last_index_ = index;
    term_before_first_ = term;
}

void Log::shrink_cache(std::size_t bytes, LogIndex keep_after) {
    while (cache_bytes_ > bytes && !cache_.empty() && cache_.front().index <= keep_after) {
        cache_bytes_ -= cost_of(cache_.front());
        cache_.pop_front();
    }
}

}  // namespace raftkv::raft
