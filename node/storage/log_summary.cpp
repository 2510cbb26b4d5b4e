#include "node/storage/log_summary.hpp"

#include <algorithm>

#include "common/check.hpp"

namespace raftkv::storage {

namespace {

std::string_view objection_to_vote(const raft::HardState& now, const raft::HardState& next) {
    if (next.term < now.term) {
        return "the term goes back";
    }
    if (next.term == now.term && now.vote && next.vote != now.vote) {
        return "a vote is changed within its term";
    }
    return {};
}

std::string_view objection_to_snapshot(const LogSummary& log, const Record& record) {
    const raft::SnapshotId id{record.index, record.term};
    if (id.index < log.snapshot().index || id.index == LogIndex(0)) {
        return "a snapshot that is older than the one before";
    }
    if (record.voids_log) {
        return id.index <= log.commit() ? "a snapshot that voids committed entries" : "";
    }
    return log.holds(id) ? "" : "a snapshot of an entry that the log does not have";
}

}  // namespace

LogSummary::LogSummary(const SegmentHeader& header)
    : hard_state_(header.hard_state),
      before_{header.first_index - 1, header.term_before_first},
      last_index_(before_.index),
      commit_(header.commit),
      snapshot_(header.snapshot) {}

std::string_view LogSummary::objection(const SegmentHeader& header) {
    if (header.first_index == LogIndex(0) || header.commit >= header.first_index ||
        header.snapshot.index > header.commit) {
        return "the header makes no sense";
    }
    if (header.sequence == 1 && (header.first_index != LogIndex(1) || header.previous_salt != 0 ||
                                 header.hard_state != raft::HardState())) {
        return "the first segment begins in the middle of a log";
    }
    return {};
}

std::string_view LogSummary::objection(const Record& record) const {
    switch (record.kind) {
        case RecordKind::entry:
            if (record.index != last_index_ + 1) {
                return "an entry that does not follow the one before";
            }
            if (record.term < term_at(last_index_)) {
                return "an entry of an older term than the one before";
            }
            return {};
        case RecordKind::hard_state:
            return objection_to_vote(hard_state_, record.hard_state);
        case RecordKind::truncate:
            if (record.index <= commit_) {
                return "a truncation of committed entries";
            }
            if (record.index > last_index_ + 1) {
                return "a truncation past the end";
            }
            return holds({record.index - 1, record.term})
                       ? ""
                       : "a truncation after an entry that the log does not have";
        case RecordKind::commit:
            return record.index > last_index_ ? "a commit past the end" : "";
        case RecordKind::snapshot:
            return objection_to_snapshot(*this, record);
    }
    return "a record of an unknown kind";
}

void LogSummary::apply(const Record& record) {
    switch (record.kind) {
        case RecordKind::entry:
            last_index_ = record.index;
            if (term_runs_.empty() || term_runs_.back().term != record.term) {
                term_runs_.push_back({record.index, record.term});
            }
            break;
        case RecordKind::hard_state:
            hard_state_ = record.hard_state;
            break;
        case RecordKind::truncate:
            last_index_ = record.index - 1;
            while (!term_runs_.empty() && term_runs_.back().first_index > last_index_) {
                term_runs_.pop_back();
            }
            // Also where the log is read from an entry on that was void later.
            if (last_index_ < before_.index) {
                before_ = {last_index_, record.term};
            }
            break;
        case RecordKind::commit:
            commit_ = std::max(commit_, record.index);
            break;
        case RecordKind::snapshot:
            snapshot_ = {record.index, record.term};
            commit_ = std::max(commit_, record.index);
            if (record.voids_log) {
                before_ = snapshot_;
                last_index_ = record.index;
                term_runs_.clear();
            }
            break;
    }
    RAFTKV_CHECK(commit_ <= last_index_);
}

void LogSummary::forget_before(LogIndex first) {
    RAFTKV_CHECK(first >= first_index() && first <= last_index_ + 1);
    before_ = {first - 1, term_at(first - 1)};
    auto after = std::upper_bound(
        term_runs_.begin(), term_runs_.end(), first,
        [](LogIndex index, const raft::TermRun& run) { return index < run.first_index; });
    if (first <= last_index_) {
        (--after)->first_index = first;
    }
    term_runs_.erase(term_runs_.begin(), after);
}

Term LogSummary::term_at(LogIndex index) const {
    RAFTKV_CHECK(index >= before_.index && index <= last_index_);
    auto after = std::upper_bound(
        term_runs_.begin(), term_runs_.end(), index,
        [](LogIndex wanted, const raft::TermRun& run) { return wanted < run.first_index; });
    return after == term_runs_.begin() ? before_.term : (after - 1)->term;
}

bool LogSummary::holds(const raft::SnapshotId& entry) const {
    return entry.index < before_.index ||
           (entry.index <= last_index_ && term_at(entry.index) == entry.term);
}

}  // namespace raftkv::storage
