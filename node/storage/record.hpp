#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "common/strong_types.hpp"
#include "node/raft/types.hpp"

// The bytes of a segment file: a header block, then records up to the end. README.md has the same
// in prose. Numbers are little endian. Decoders take any bytes whatsoever.

namespace raftkv::storage {

constexpr std::uint64_t segment_magic = 0x0a31474f4c564b52;  // "RKVLOG1\n"
constexpr std::uint32_t format_version = 2;
// The header has a block of its own, so that no later write touches its sector.
constexpr std::uint64_t header_block_bytes = 4096;
constexpr std::uint64_t record_alignment = 8;

struct SegmentHeaderLayout {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t node_id;
    std::uint64_t cluster_id;
    std::uint64_t sequence;
    std::uint64_t segment_bytes;
    std::uint64_t salt;
    std::uint64_t previous_salt;
    std::uint64_t previous_end;
    std::uint64_t previous_sum;
    std::uint64_t first_index;
    std::uint64_t commit;
    std::uint64_t term;
    std::uint32_t vote;
    std::uint32_t voted;
    std::uint64_t term_before_first;
    std::uint64_t snapshot_index;
    std::uint64_t snapshot_term;
    std::uint64_t checksum;  // of all before it
};
static_assert(sizeof(SegmentHeaderLayout) == 136);
static_assert(std::has_unique_object_representations_v<SegmentHeaderLayout>);
static_assert(sizeof(SegmentHeaderLayout) <= 512, "one sector: written whole or not at all");

struct RecordHeaderLayout {
    std::uint32_t length;  // of the payload
    std::uint8_t kind;
    std::uint8_t detail;  // entry: its kind; hard state: 1 with a vote; snapshot: 1 if it voids all
    std::uint16_t zero;
    std::uint64_t index;  // hard state: the vote
    std::uint64_t term;
    std::uint64_t synced;
    std::uint64_t payload_sum;
    std::uint64_t header_sum;  // of all before it
};
static_assert(sizeof(RecordHeaderLayout) == 48);
static_assert(std::has_unique_object_representations_v<RecordHeaderLayout>);
static_assert(sizeof(RecordHeaderLayout) % record_alignment == 0);

constexpr std::uint64_t record_header_bytes = sizeof(RecordHeaderLayout);

// Of a record with a payload of `length` bytes, padding included.
constexpr std::uint64_t record_bytes(std::uint64_t length) {
    return record_header_bytes +
           (length + record_alignment - 1) / record_alignment * record_alignment;
}

struct SegmentHeader {
    std::uint64_t cluster_id = 0;
    NodeId node_id;
    std::uint64_t sequence = 0;  // 1 for the first segment of a log
    std::uint64_t segment_bytes = 0;
    std::uint64_t salt = 0;
    // The end of the segment before: its salt, where its records end, and the header sum of the
    // last of them. Zeros in the first segment.
    std::uint64_t previous_salt = 0;
    std::uint64_t previous_end = 0;
    std::uint64_t previous_sum = 0;
    // What the log says up to here.
    LogIndex first_index;    // of the next entry, unless a truncation comes first
    Term term_before_first;  // of entry first_index - 1
    LogIndex commit;
    raft::HardState hard_state;
    raft::SnapshotId snapshot;  // the newest that counts; 0 when none does

    bool operator==(const SegmentHeader&) const = default;
};

std::string encode(const SegmentHeader& header);
// Nothing when the bytes are no undamaged header of this format.
std::optional<SegmentHeader> decode_segment_header(std::string_view bytes);
// An undamaged header of the format that knew no snapshots.
bool is_version_1_header(std::string_view bytes);

enum class RecordKind : std::uint8_t {
    entry = 1,
    hard_state = 2,
    truncate = 3,  // `index` and all later entries are void
    commit = 4,    // entries up to `index` are committed; also the mark of an idle log
    snapshot = 5,  // counts from now on; the payload is the first entry kept (8 bytes)
};

constexpr std::uint32_t snapshot_payload_bytes = 8;

struct Record {
    RecordKind kind = RecordKind::commit;
    raft::EntryKind entry_kind = raft::EntryKind::noop;  // entry
    LogIndex index;                                      // all but hard_state
    Term term;                   // entry, snapshot; truncate: of the entry before `index`
    bool voids_log = false;      // snapshot: no entry before this record counts any more
    raft::HardState hard_state;  // hard_state
    // Everything in this segment before this offset was durable when this was written.
    std::uint64_t synced = 0;

    bool operator==(const Record&) const = default;
};

// Where a record stands. Its sums are seeded with that, so that bytes of another file, of another
// place or of an earlier life of the file do not pass for it.
struct RecordPlace {
    std::uint64_t salt = 0;
    std::uint64_t offset = 0;
};

// Appends the header to `out` and gives its header sum. `payload` is not copied.
std::uint64_t encode_header(std::string& out, const Record& record, std::string_view payload,
                            RecordPlace place);

struct DecodedHeader {
    Record record;
    std::uint32_t length = 0;  // of the payload
    std::uint64_t payload_sum = 0;
    std::uint64_t header_sum = 0;
};

// `bytes` begins with a header of a record at `place`. Nothing when it is none, or damaged.
std::optional<DecodedHeader> decode_header(std::string_view bytes, RecordPlace place);
bool payload_matches(const DecodedHeader& header, std::string_view payload, RecordPlace place);

}  // namespace raftkv::storage
