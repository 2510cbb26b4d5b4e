#include "node/storage/replay.hpp"

#include <utility>

namespace raftkv::storage {

std::string_view Replay::begin(const SegmentHeader& header) {
    if (std::string_view objection = LogSummary::objection(header); !objection.empty()) {
        return objection;
    }
    summary_ = LogSummary(header);
    return {};
}

void Replay::start_segment(std::uint64_t sequence) {
    sequence_ = sequence;
    index_.start_segment(sequence);
}

std::string_view Replay::take(const Record& record, const SharedBytes& payload,
                              std::uint64_t offset) {
    if (std::string_view objection = summary_.objection(record); !objection.empty()) {
        return objection;
    }
    LogIndex first_kept;
    if (record.kind == RecordKind::snapshot) {
        first_kept = LogIndex(ByteReader(payload.view()).take<std::uint64_t>());
        if (first_kept > record.index + 1) {
            return "a snapshot that does not reach the entries that are kept";
        }
    }
    summary_.apply(record);
    switch (record.kind) {
        case RecordKind::entry:
            index_.add(record.index, offset);
            if (record.index > snapshot_) {
                tail_.push_back({record.index, record.term, record.entry_kind, payload});
                bytes_after_snapshot_ += record_bytes(payload.size());
            }
            break;
        case RecordKind::truncate:
            index_.truncate(record.index);
            truncate_tail(record.index);
            break;
        case RecordKind::snapshot:
            snapshot_record_ = {{{record.index, record.term}, first_kept}, sequence_};
            if (record.voids_log) {
                index_.clear();
                truncate_tail(LogIndex(0));
                bytes_after_snapshot_ = 0;
            }
            release_committed();
            break;
        case RecordKind::commit:
            release_committed();
            break;
        case RecordKind::hard_state:
            break;
    }
    return {};
}

void Replay::truncate_tail(LogIndex from) {
    while (!tail_.empty() && tail_.back().index >= from) {
        bytes_after_snapshot_ -= record_bytes(tail_.back().payload.size());
        tail_.pop_back();
    }
}

// An entry that does not follow what was passed on is of a log whose beginning is missing; who
// reads it finds out in the end, and must not have been given a state with a hole in it.
void Replay::release_committed() {
    while (!tail_.empty() && tail_.front().index <= summary_.commit()) {
        if (sink_ != nullptr && tail_.front().index == passed_on_ + 1) {
            passed_on_ = tail_.front().index;
            sink_->committed(tail_.front());
        }
        tail_.pop_front();
    }
}

}  // namespace raftkv::storage
