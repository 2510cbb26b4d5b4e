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

}  // namespace

std::string_view LogSummary::objection(const Record& record) const {
    switch (record.kind) {
        case RecordKind::entry:
            if (record.index != last_index_ + 1) {
                return "an entry that does not follow the one before";
            }
            if (!term_runs_.empty() && record.term < term_runs_.back().term) {
                return "an entry of an older term than the one before";
            }
            return {};
        case RecordKind::hard_state:
            return objection_to_vote(hard_state_, record.hard_state);
        case RecordKind::truncate:
            if (record.index <= commit_) {
                return "a truncation of committed entries";
            }
            return record.index > last_index_ + 1 ? "a truncation past the end" : "";
        case RecordKind::commit:
            return record.index > last_index_ ? "a commit past the end" : "";
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
            break;
        case RecordKind::commit:
            commit_ = std::max(commit_, record.index);
            break;
    }
    RAFTKV_CHECK(commit_ <= last_index_);
}

}  // namespace raftkv::storage
