#include "node/storage/record.hpp"

#include <gtest/gtest.h>

#include <random>

namespace raftkv::storage {
namespace {

constexpr RecordPlace place{0x5a17, 4096};

std::vector<Record> one_of_each() {
    Record entry;
    entry.kind = RecordKind::entry;
    entry.entry_kind = raft::EntryKind::command;
    entry.index = LogIndex(7);
    entry.term = Term(3);
    Record no_vote;
    no_vote.kind = RecordKind::hard_state;
    no_vote.hard_state.term = Term(4);
    Record vote = no_vote;
    vote.hard_state.vote = NodeId(0);
    Record truncate;
    truncate.kind = RecordKind::truncate;
    truncate.index = LogIndex(5);
    truncate.term = Term(2);
    Record commit;
    commit.kind = RecordKind::commit;
    commit.index = LogIndex(4);
    commit.synced = 8192;
    Record snapshot;
    snapshot.kind = RecordKind::snapshot;
    snapshot.index = LogIndex(4);
    snapshot.term = Term(2);
    Record jump = snapshot;
    jump.voids_log = true;
    return {entry, no_vote, vote, truncate, commit, snapshot, jump};
}

std::string payload_of(const Record& record) {
    switch (record.kind) {
        case RecordKind::entry:
            return "payload";
        case RecordKind::snapshot:
            return "8 bytes.";
        default:
            return "";
    }
}

std::string flip(std::string bytes, std::size_t bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    return bytes;
}

TEST(Record, EachKindIsReadAsItWasWritten) {
    for (const Record& record : one_of_each()) {
        std::string bytes;
        const std::uint64_t sum = encode_header(bytes, record, payload_of(record), place);
        ASSERT_EQ(bytes.size(), record_header_bytes);
        auto decoded = decode_header(bytes, place);
        ASSERT_TRUE(decoded);
        EXPECT_EQ(decoded->record, record);
        EXPECT_EQ(decoded->header_sum, sum);
        EXPECT_TRUE(payload_matches(*decoded, payload_of(record), place));
    }
}

TEST(Record, AFlippedBitIsNoticedAnywhere) {
    for (const Record& record : one_of_each()) {
        std::string bytes;
        encode_header(bytes, record, payload_of(record), place);
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            EXPECT_FALSE(decode_header(flip(bytes, bit), place)) << bit;
        }
        auto decoded = decode_header(bytes, place);
        const std::string payload = payload_of(record);
        for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {
            EXPECT_FALSE(payload_matches(*decoded, flip(payload, bit), place)) << bit;
        }
    }
}

TEST(Record, NoOtherPlaceTakesItForItsOwn) {
    std::string bytes;
    encode_header(bytes, one_of_each()[0], "payload", place);
    EXPECT_FALSE(decode_header(bytes, {place.salt, place.offset + 8}));
    EXPECT_FALSE(decode_header(bytes, {place.salt + 1, place.offset}));
    auto decoded = decode_header(bytes, place);
    EXPECT_FALSE(payload_matches(*decoded, "payload", {place.salt, place.offset + 8}));
    EXPECT_FALSE(payload_matches(*decoded, "payload", {place.salt + 1, place.offset}));
    EXPECT_FALSE(payload_matches(*decoded, "payloa", place));
}

TEST(Record, ACutHeaderIsNone) {
    std::string bytes;
    encode_header(bytes, one_of_each()[0], "payload", place);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_header(bytes.substr(0, size), place)) << size;
    }
}

TEST(Record, KindsThatDoNotExistAreRefusedWhateverTheirSum) {
    for (unsigned kind = 0; kind < 256; ++kind) {
        Record record;
        record.kind = static_cast<RecordKind>(kind);
        std::string bytes;
        encode_header(bytes, record, "", place);
        const bool complete = kind == 2 || kind == 3 || kind == 4;
        EXPECT_EQ(decode_header(bytes, place).has_value(), complete || kind == 1) << kind;
    }
    Record entry;
    entry.kind = RecordKind::entry;
    entry.entry_kind = static_cast<raft::EntryKind>(9);
    std::string bytes;
    encode_header(bytes, entry, "", place);
    EXPECT_FALSE(decode_header(bytes, place));
    std::string commit;
    encode_header(commit, Record(), "a commit has no payload", place);
    EXPECT_FALSE(decode_header(commit, place));
}

TEST(Record, RandomBytesAreNone) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 100'000; ++i) {
        std::string bytes(record_header_bytes, '\0');
        for (char& c : bytes) {
            c = static_cast<char>(random());
        }
        EXPECT_FALSE(decode_header(bytes, place));
    }
}

TEST(SegmentHeader, IsReadAsItWasWrittenAndNoBitIsFree) {
    SegmentHeader header;
    header.cluster_id = 1;
    header.node_id = NodeId(2);
    header.sequence = 3;
    header.segment_bytes = 4;
    header.salt = 5;
    header.previous_salt = 6;
    header.previous_end = 7;
    header.previous_sum = 8;
    header.first_index = LogIndex(9);
    header.commit = LogIndex(8);
    header.hard_state = {Term(10), NodeId(11)};
    const std::string bytes = encode(header);
    EXPECT_EQ(decode_segment_header(bytes), header);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        EXPECT_FALSE(decode_segment_header(flip(bytes, bit))) << bit;
    }
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_segment_header(bytes.substr(0, size))) << size;
    }
    header.hard_state.vote.reset();
    EXPECT_EQ(decode_segment_header(encode(header)), header);
}

}  // namespace
}  // namespace raftkv::storage
