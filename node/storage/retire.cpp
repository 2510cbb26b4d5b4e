#include "node/storage/retire.hpp"

#include <algorithm>
#include <iterator>

namespace raftkv::storage {

namespace {

std::uint64_t first_needed(const SnapshotRecord& record, const std::vector<Segment>& segments,
                           const EntryIndex& index, const LogSummary& summary) {
    const LogIndex first_kept = record.mark.first_kept;
    if (first_kept > summary.last_index()) {
        return record.sequence;
    }
    if (first_kept < summary.first_index()) {
        return segments.front().sequence;
    }
    return std::min(record.sequence, index.span_of(first_kept).sequence);
}

}  // namespace

std::vector<Segment> retire(const SnapshotRecord& record, std::vector<Segment>& segments,
                            EntryIndex& index, LogSummary& summary) {
    const std::uint64_t needed = first_needed(record, segments, index, summary);
    const auto kept = std::find_if(segments.begin(), segments.end(), [&](const Segment& segment) {
        return segment.sequence >= needed;
    });
    std::vector<Segment> retired(std::make_move_iterator(segments.begin()),
                                 std::make_move_iterator(kept));
    segments.erase(segments.begin(), kept);
    index.forget_before(needed);
    summary.forget_before(index.first().value_or(summary.last_index() + 1));
    return retired;
}

}  // namespace raftkv::storage
