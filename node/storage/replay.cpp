#include "node/storage/replay.hpp"

namespace raftkv::storage {

Replay::Replay(const std::function<void(const raft::Entry&)>& on_committed)
    : on_committed_(on_committed) {}

std::string_view Replay::take(const Record& record, const SharedBytes& payload,
                              std::uint64_t offset) {
    if (std::string_view objection = summary_.objection(record); !objection.empty()) {
        return objection;
    }
    summary_.apply(record);
    switch (record.kind) {
        case RecordKind::entry:
            index_.add(record.index, offset);
            tail_.push_back({record.index, record.term, record.entry_kind, payload});
            break;
        case RecordKind::truncate:
            index_.truncate(record.index);
            while (!tail_.empty() && tail_.back().index >= record.index) {
                tail_.pop_back();
            }
            break;
        case RecordKind::commit:
            release_committed();
            break;
        case RecordKind::hard_state:
            break;
    }
    return {};
}

void Replay::release_committed() {
    while (!tail_.empty() && tail_.front().index <= summary_.commit()) {
        on_committed_(tail_.front());
        tail_.pop_front();
    }
}

raft::Restored Replay::restored() const {
    raft::Restored restored;
    restored.hard_state = summary_.hard_state();
    restored.commit = summary_.commit();
    restored.term_runs = summary_.term_runs();
    restored.tail.assign(tail_.begin(), tail_.end());
    restored.last_index = summary_.last_index();
    return restored;
}

}  // namespace raftkv::storage
