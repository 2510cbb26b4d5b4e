#include "node/storage/record.hpp"

#include <cstring>

#include "common/bytes.hpp"
#include "common/check.hpp"
#include "common/checksum.hpp"

namespace raftkv::storage {

namespace {

constexpr std::size_t segment_sum_at = offsetof(SegmentHeaderLayout, checksum);
constexpr std::size_t record_sum_at = offsetof(RecordHeaderLayout, header_sum);

// Offsets are multiples of 8, so the payload's seed is nobody's header seed.
std::uint64_t header_seed(RecordPlace place) {
    return place.salt + place.offset;
}
std::uint64_t payload_seed(RecordPlace place) {
    return place.salt + place.offset + 1;
}

// Fills in what each kind of record has, and refuses what none has.
bool decode_kind(const RecordHeaderLayout& layout, Record& record) {
    switch (static_cast<RecordKind>(layout.kind)) {
        case RecordKind::entry: {
            const auto kind = static_cast<raft::EntryKind>(layout.detail);
            record.kind = RecordKind::entry;
            record.entry_kind = kind;
            record.term = Term(layout.term);
            record.index = LogIndex(layout.index);
            return kind >= raft::EntryKind::noop && kind <= raft::EntryKind::members;
        }
        case RecordKind::hard_state:
            record.kind = RecordKind::hard_state;
            record.hard_state.term = Term(layout.term);
            if (layout.detail == 1) {
                record.hard_state.vote = NodeId(static_cast<std::uint32_t>(layout.index));
            }
            return layout.detail <= 1 && layout.length == 0;
        case RecordKind::truncate:
        case RecordKind::commit:
            record.kind = static_cast<RecordKind>(layout.kind);
            record.index = LogIndex(layout.index);
            record.term = Term(layout.term);
            return layout.length == 0;
        case RecordKind::snapshot:
            record.kind = RecordKind::snapshot;
            record.index = LogIndex(layout.index);
            record.term = Term(layout.term);
            record.voids_log = layout.detail == 1;
            return layout.detail <= 1 && layout.length == snapshot_payload_bytes;
    }
    return false;
}

}  // namespace

std::string encode(const SegmentHeader& header) {
    SegmentHeaderLayout layout{};
    layout.magic = segment_magic;
    layout.version = format_version;
    layout.node_id = header.node_id.value();
    layout.cluster_id = header.cluster_id;
    layout.sequence = header.sequence;
    layout.segment_bytes = header.segment_bytes;
    layout.salt = header.salt;
    layout.previous_salt = header.previous_salt;
    layout.previous_end = header.previous_end;
    layout.previous_sum = header.previous_sum;
    layout.first_index = header.first_index.value();
    layout.commit = header.commit.value();
    layout.term = header.hard_state.term.value();
    layout.vote = header.hard_state.vote.value_or(NodeId()).value();
    layout.voted = header.hard_state.vote ? 1 : 0;
    layout.term_before_first = header.term_before_first.value();
    layout.snapshot_index = header.snapshot.index.value();
    layout.snapshot_term = header.snapshot.term.value();
    layout.checksum = checksum(bytes_of(layout).substr(0, segment_sum_at), segment_magic);
    return std::string(bytes_of(layout));
}

std::optional<SegmentHeader> decode_segment_header(std::string_view bytes) {
    SegmentHeaderLayout layout;
    if (bytes.size() < sizeof(layout)) {
        return std::nullopt;
    }
    std::memcpy(&layout, bytes.data(), sizeof(layout));
    if (layout.magic != segment_magic || layout.version != format_version || layout.voted > 1 ||
        layout.checksum != checksum(bytes.substr(0, segment_sum_at), segment_magic)) {
        return std::nullopt;
    }
    SegmentHeader header;
    header.cluster_id = layout.cluster_id;
    header.node_id = NodeId(layout.node_id);
    header.sequence = layout.sequence;
    header.segment_bytes = layout.segment_bytes;
    header.salt = layout.salt;
    header.previous_salt = layout.previous_salt;
    header.previous_end = layout.previous_end;
    header.previous_sum = layout.previous_sum;
    header.first_index = LogIndex(layout.first_index);
    header.commit = LogIndex(layout.commit);
    header.hard_state.term = Term(layout.term);
    if (layout.voted == 1) {
        header.hard_state.vote = NodeId(layout.vote);
    }
    header.term_before_first = Term(layout.term_before_first);
    header.snapshot = {LogIndex(layout.snapshot_index), Term(layout.snapshot_term)};
    return header;
}

bool is_version_1_header(std::string_view bytes) {
    constexpr std::size_t sum_at = 104;
    ByteReader reader(bytes);
    const bool known = reader.take<std::uint64_t>() == segment_magic &&
                       reader.take<std::uint32_t>() == 1 && bytes.size() >= sum_at + 8;
    return known && ByteReader(bytes.substr(sum_at)).take<std::uint64_t>() ==
                        checksum(bytes.substr(0, sum_at), segment_magic);
}

std::uint64_t encode_header(std::string& out, const Record& record, std::string_view payload,
                            RecordPlace place) {
    RAFTKV_CHECK(place.offset % record_alignment == 0);
    RecordHeaderLayout layout{};
    layout.length = static_cast<std::uint32_t>(payload.size());
    RAFTKV_CHECK(layout.length == payload.size());
    layout.kind = static_cast<std::uint8_t>(record.kind);
    layout.index = record.index.value();
    layout.term = record.term.value();
    layout.synced = record.synced;
    if (record.kind == RecordKind::entry) {
        layout.detail = static_cast<std::uint8_t>(record.entry_kind);
    } else if (record.kind == RecordKind::snapshot) {
        layout.detail = record.voids_log ? 1 : 0;
    } else if (record.kind == RecordKind::hard_state) {
        layout.detail = record.hard_state.vote ? 1 : 0;
        layout.index = record.hard_state.vote.value_or(NodeId()).value();
        layout.term = record.hard_state.term.value();
    }
    layout.payload_sum = checksum(payload, payload_seed(place));
    layout.header_sum = checksum(bytes_of(layout).substr(0, record_sum_at), header_seed(place));
    out.append(bytes_of(layout));
    return layout.header_sum;
}

std::optional<DecodedHeader> decode_header(std::string_view bytes, RecordPlace place) {
    RecordHeaderLayout layout;
    if (bytes.size() < sizeof(layout)) {
        return std::nullopt;
    }
    std::memcpy(&layout, bytes.data(), sizeof(layout));
    // Recovery asks this at millions of places that hold no header: most fail here, for cheap.
    if (layout.kind == 0 || layout.zero != 0) {
        return std::nullopt;
    }
    if (layout.header_sum != checksum(bytes.substr(0, record_sum_at), header_seed(place))) {
        return std::nullopt;
    }
    DecodedHeader header;
    if (!decode_kind(layout, header.record)) {
        return std::nullopt;
    }
    header.record.synced = layout.synced;
    header.length = layout.length;
    header.payload_sum = layout.payload_sum;
    header.header_sum = layout.header_sum;
    return header;
}

bool payload_matches(const DecodedHeader& header, std::string_view payload, RecordPlace place) {
    return payload.size() == header.length &&
           checksum(payload, payload_seed(place)) == header.payload_sum;
}

}  // namespace raftkv::storage
