#include "node/storage/entry_index.hpp"

#include <algorithm>
#include <limits>

#include "common/check.hpp"

namespace raftkv::storage {

namespace {

constexpr std::uint64_t checkpoint_distance = 64u << 10;

std::uint32_t narrow(std::uint64_t number) {
    RAFTKV_CHECK(number <= std::numeric_limits<std::uint32_t>::max());
    return static_cast<std::uint32_t>(number);
}

}  // namespace

void EntryIndex::start_segment(std::uint64_t sequence) {
    sequence_ = sequence;
    due_ = true;
}

void EntryIndex::add(LogIndex index, std::uint64_t offset) {
    if (due_ || offset - checkpoints_.back().offset >= checkpoint_distance) {
        RAFTKV_CHECK(checkpoints_.empty() || checkpoints_.back().index < index);
        checkpoints_.push_back({index, narrow(sequence_), narrow(offset)});
        due_ = false;
    }
}

void EntryIndex::truncate(LogIndex from) {
    while (!checkpoints_.empty() && checkpoints_.back().index >= from) {
        checkpoints_.pop_back();
    }
    // Behind the last checkpoint there may be void entries now: whoever reads must not run on.
    due_ = true;
}

void EntryIndex::clear() {
    checkpoints_.clear();
    due_ = true;
}

void EntryIndex::forget_before(std::uint64_t sequence) {
    const auto kept =
        std::find_if(checkpoints_.begin(), checkpoints_.end(),
                     [&](const Checkpoint& checkpoint) { return checkpoint.sequence >= sequence; });
    checkpoints_.erase(checkpoints_.begin(), kept);
    due_ = due_ || checkpoints_.empty();
}

std::optional<LogIndex> EntryIndex::first() const {
    return checkpoints_.empty() ? std::nullopt : std::optional(checkpoints_.front().index);
}

EntryIndex::Span EntryIndex::span_of(LogIndex index) const {
    auto next = std::upper_bound(
        checkpoints_.begin(), checkpoints_.end(), index,
        [](LogIndex wanted, const Checkpoint& checkpoint) { return wanted < checkpoint.index; });
    RAFTKV_CHECK(next != checkpoints_.begin());
    const Checkpoint& found = *(next - 1);
    Span span{found.sequence, found.offset, found.index, std::nullopt};
    if (next != checkpoints_.end()) {
        span.next = next->index;
    }
    return span;
}

}  // namespace raftkv::storage
