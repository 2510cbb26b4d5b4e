#include "cli/test/simulation/durable_view.hpp"

#include <algorithm>

#include "node/storage/record.hpp"
#include "node/storage/segment.hpp"

namespace raftkv::simulation {

namespace {

// Where the log begins: a snapshot may stand for the segments before it, and the power may have
// brought some of those back that were removed, here and there.
std::string first_segment(const storage::MemoryDisk& disk) {
    std::string prefix = storage::segment_name(0, LogIndex(0));
    prefix.resize(prefix.find('-') + 1);
    std::string first;
    std::uint64_t next = 0;
    for (const std::string& name : disk.durable_names_with_prefix(prefix)) {
        const auto segment = storage::parse_segment_name(name);
        if (!segment) continue;
        if (segment->sequence != next) first = name;
        next = segment->sequence + 1;
    }
    return first;
}

std::string segment_after(const storage::MemoryDisk& disk, std::uint64_t sequence) {
    constexpr std::size_t index_digits = 20;
    std::string prefix = storage::segment_name(sequence + 1, LogIndex(0));
    prefix.resize(prefix.size() - index_digits);
    return disk.durable_name_with_prefix(prefix);
}

}  // namespace

void DurableView::refresh(const storage::MemoryDisk& disk, const Truth& truth) {
    do {
        if (sequence_ == 0) continue;
        const auto bytes = disk.durable(name_);
        while (bytes && next_record(*bytes, truth)) {
        }
    } while (next_segment(disk, truth));
}

bool DurableView::next_segment(const storage::MemoryDisk& disk, const Truth& truth) {
    const std::string name = sequence_ == 0 ? first_segment(disk) : segment_after(disk, sequence_);
    if (name.empty()) return false;
    const auto bytes = disk.durable(name);
    const auto header = bytes ? storage::decode_segment_header(*bytes) : std::nullopt;
    if (!header) return false;
    // Those before are in the snapshot; or void, by a truncation that stands in this segment.
    if (sequence_ == 0) log_ = truth.log_up_to(std::min(header->first_index - 1, truth.commit()));
    sequence_ = header->sequence;
    snapshot_ = std::max(snapshot_, header->snapshot.index);
    name_ = name;
    segment_bytes_ = header->segment_bytes;
    salt_ = header->salt;
    offset_ = storage::header_block_bytes;
    hard_ = header->hard_state;
    return true;
}

// The state of the committed log up to the snapshot is durable with it. What the log holds beyond
// it stays, if it holds that entry.
void DurableView::take_snapshot(const storage::Record& record, const Truth& truth) {
    snapshot_ = record.index;
    if (record.index > truth.commit()) return;  // judged where the snapshot was made
    if (log_.holds(record.index, truth.sum_at(record.index)) && !record.voids_log) return;
    log_ = truth.log_up_to(record.index);
    ++jumps_;
}

bool DurableView::next_record(std::string_view bytes, const Truth& truth) {
    if (offset_ + storage::record_header_bytes > bytes.size()) return false;
    const storage::RecordPlace place{salt_, offset_};
    const auto header = storage::decode_header(bytes.substr(offset_), place);
    if (!header) return false;
    const std::string_view payload =
        bytes.substr(offset_ + storage::record_header_bytes).substr(0, header->length);
    if (payload.size() < header->length || !storage::payload_matches(*header, payload, place)) {
        return false;
    }
    offset_ += storage::record_bytes(header->length);
    const storage::Record& record = header->record;
    switch (record.kind) {
        case storage::RecordKind::entry:
            log_.truncate_from(record.index);
            // Goes on from entries of removed segments that were void, as this one is: the
            // truncation follows.
            if (record.index > log_.last() + 1) break;
            log_.append(
                {record.index, record.term, record.entry_kind, SharedBytes::copy_of(payload)});
            break;
        case storage::RecordKind::hard_state:
            hard_ = record.hard_state;
            break;
        case storage::RecordKind::truncate:
            log_.truncate_from(record.index);
            ++truncations_;
            break;
        case storage::RecordKind::snapshot:
            take_snapshot(record, truth);
            break;
        case storage::RecordKind::commit:
            break;
    }
    return true;
}

}  // namespace raftkv::simulation
