#include "node/kv/store_state.hpp"

#include <algorithm>

#include "common/check.hpp"

namespace raftkv::kv {

StoreState::~StoreState() {
    expiries.clear();
    table.for_each(free_record);
}

// A key past its end is not there, whether it was removed yet or not: when that happens depends on
// how many others ran out with it, and must not show.
Record* StoreState::find_live(std::string_view key) const {
    Record* record = table.find(key);
    return record != nullptr && is_live(*record, clock) ? record : nullptr;
}

Outcome StoreState::dispatch(const Command& command, std::uint64_t version) {
    switch (command.op) {
        case CommandOp::set:
            return set(command, version);
        case CommandOp::cas:
            return cas(command, version);
        case CommandOp::del:
            return del(command);
        case CommandOp::tick:
            return {Status::ticked, 0};
    }
    check_failed("known CommandOp", __FILE__, __LINE__);
}

std::size_t StoreState::remove_due(std::size_t limit) {
    std::size_t removed = 0;
    for (; removed < limit; ++removed) {
        Record* record = expiries.due(clock);
        if (record == nullptr) break;
        remove(record);
    }
    return removed;
}

Outcome StoreState::set(const Command& command, std::uint64_t version) {
    if (find_live(command.key) != nullptr) return {Status::exists, 0};
    put(make_record(command, version));
    return {Status::stored, version};
}

Outcome StoreState::cas(const Command& command, std::uint64_t version) {
    const Record* found = find_live(command.key);
    if (found == nullptr) return {Status::not_found, 0};
    if (found->version != command.version) return {Status::version_mismatch, 0};
    put(make_record(command, version));
    return {Status::stored, version};
}

Outcome StoreState::del(const Command& command) {
    Record* found = find_live(command.key);
    if (found == nullptr) return {Status::not_found, 0};
    remove(found);
    return {Status::deleted, 0};
}

void StoreState::put(Record* record) {
    Record* before = table.put(record);
    expiries.add(*record);
    bytes += block_bytes(*record);
    hash_sum += hash_of(*record);
    if (before != nullptr) let_go(before);
}

void StoreState::remove(Record* record) {
    table.remove(record);
    let_go(record);
}

// The rest of a removal, when `table` no longer has the record.
void StoreState::let_go(Record* record) {
    expiries.remove(*record);
    bytes -= block_bytes(*record);
    hash_sum -= hash_of(*record);
    keep_or_free(record);
}

// Each reader that misses a record gets one of its own: the record itself, or a copy when another
// reader has that. There is hardly ever more than one reader.
void StoreState::keep_or_free(Record* record) {
    bool is_kept = false;
    for (FrozenState* reader : readers) {
        if (!reader->misses(*record)) continue;
        reader->keep(record, is_kept ? copy_of(*record) : record);
        is_kept = true;
    }
    if (!is_kept) free_record(record);
}

std::unique_ptr<FrozenState> StoreState::start_reading(std::size_t chunk_bytes) {
    auto reader = std::make_unique<FrozenState>(table, snapshot::Header{last_applied, clock},
                                                hash_sum, chunk_bytes);
    readers.push_back(reader.get());
    return reader;
}

void StoreState::stop_reading(FrozenState& reader) {
    readers.erase(std::find(readers.begin(), readers.end(), &reader));
    reader.give_up(litter);
}

}  // namespace raftkv::kv
