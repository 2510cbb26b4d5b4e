#include "node/wire/peer_codec.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <variant>

#include "common/bytes.hpp"
#include "common/checksum.hpp"

namespace raftkv::wire {
namespace {

using Status = ParsedFrame::Status;
using namespace raft;

std::vector<Message> one_of_each() {
    AppendRequest append{LogIndex(7), Term(2), LogIndex(6), {}};
    append.entries.push_back({LogIndex(8), Term(2), EntryKind::noop, {}});
    append.entries.push_back(
        {LogIndex(9), Term(3), EntryKind::command, SharedBytes::copy_of(std::string("a\0b", 3))});
    return {
        {Term(3), VoteRequest{true, false, LogIndex(4), Term(2)}},
        {Term(3), VoteRequest{false, true, LogIndex(4), Term(2)}},
        {Term(3), VoteResponse{false, true}, {false, 1'700'000'000'000'000}},
        {Term(3), append},
        {Term(3), AppendRequest{LogIndex(0), Term(0), LogIndex(0), {}}},
        {Term(3), AppendResponse{true, LogIndex(9), Term(0), LogIndex(0)}},
        {Term(3), AppendResponse{false, LogIndex(9), Term(2), LogIndex(5)}},
        {Term(3), Heartbeat{LogIndex(5), 99, {LogIndex(4), 0xabcdef}, true}, {true, INT64_MAX}},
        {Term(3), HeartbeatResponse{99, {LogIndex(4), 0xabcdef}, 150}},
        {Term(3), TimeoutNow{}},
        {Term(3), SnapshotChunk{{{LogIndex(70), Term(2)}, 9}, 6, SharedBytes::copy_of("abc")}},
        {Term(3), SnapshotChunk{{{LogIndex(70), Term(3)}, 9}, 0, {}}},
        {Term(3), SnapshotResponse{LogIndex(70), 9}},
    };
}

std::string bytes_of(const Message& message) {
    std::string bytes;
    encode_frame(message, bytes);
    return bytes;
}

// A frame around a body of our own making, with a right checksum.
std::string frame_around(const std::string& body) {
    std::string frame;
    put(frame, static_cast<std::uint32_t>(body.size()));
    put(frame, checksum(body));
    return frame + body;
}

TEST(PeerCodec, EveryMessageComesBackAsItWas) {
    for (const Message& message : one_of_each()) {
        const std::string bytes = bytes_of(message);
        const ParsedFrame parsed = parse_frame(bytes + "rest", false);
        ASSERT_EQ(parsed.status, Status::message);
        EXPECT_EQ(parsed.consumed, bytes.size());
        EXPECT_EQ(parsed.message.body.index(), message.body.index());
        EXPECT_EQ(parsed.message.clock, message.clock);
        EXPECT_EQ(bytes_of(parsed.message), bytes);
    }
}

TEST(PeerCodec, EntriesOutliveTheBufferTheyCameIn) {
    std::string bytes = bytes_of(one_of_each()[3]);
    ParsedFrame parsed = parse_frame(bytes, false);
    bytes.assign(bytes.size(), '?');
    const auto& entries = std::get<AppendRequest>(parsed.message.body).entries;
    EXPECT_EQ(entries[1].payload.view(), std::string_view("a\0b", 3));
    EXPECT_EQ(entries[1].index, LogIndex(9));
}

TEST(PeerCodec, PiecesOfASnapshotOutliveTheBufferTheyCameIn) {
    std::string bytes = bytes_of(one_of_each()[10]);
    ParsedFrame parsed = parse_frame(bytes, false);
    bytes.assign(bytes.size(), '?');
    EXPECT_EQ(std::get<SnapshotChunk>(parsed.message.body).bytes.view(), "abc");
}

// Kind, term and clock of a body of our own making.
void put_start(std::string& body, std::uint8_t kind, std::uint8_t of_cluster = 1,
               std::int64_t clock_us = 5) {
    put(body, kind);
    put<std::uint64_t>(body, 3);
    put(body, of_cluster);
    put(body, clock_us);
}

TEST(PeerCodec, AClockShowsTimeOfTheClusterOrOfAWall) {
    const auto timeout_now = [](std::uint8_t of_cluster, std::int64_t us) {
        std::string body;
        put_start(body, 8, of_cluster, us);
        return parse_frame(frame_around(body), false);
    };
    EXPECT_EQ(timeout_now(0, 7).message.clock, (ClockReading{false, 7}));
    EXPECT_EQ(timeout_now(1, 0).message.clock, (ClockReading{true, 0}));
    EXPECT_EQ(timeout_now(2, 7).status, Status::malformed);
    EXPECT_EQ(timeout_now(1, -1).status, Status::malformed);
}

// A piece of a snapshot of so many bytes, with everything else as it should be.
std::string chunk_frame(std::uint64_t index, std::uint64_t term, std::uint64_t size,
                        std::uint64_t offset, std::uint32_t length) {
    std::string body;
    put_start(body, 9);
    for (std::uint64_t number : {index, term, size, offset}) put(body, number);
    put(body, length);
    return frame_around(body + "abcd");
}

TEST(PeerCodec, APieceLiesWithinItsSnapshotAndIsOfAPastTerm) {
    EXPECT_EQ(parse_frame(chunk_frame(7, 2, 4, 0, 4), false).status, Status::message);
    EXPECT_EQ(parse_frame(chunk_frame(7, 3, 9, 5, 4), false).status, Status::message);
    for (const std::string& wrong : {
             chunk_frame(0, 2, 4, 0, 4),           // of no entry
             chunk_frame(7, 0, 4, 0, 4),           // of no term
             chunk_frame(7, 4, 4, 0, 4),           // of a later term than its sender's
             chunk_frame(7, 2, 3, 0, 4),           // longer than the whole
             chunk_frame(7, 2, 4, 1, 4),           // past the end
             chunk_frame(7, 2, 4, UINT64_MAX, 4),  // far past it
             chunk_frame(7, 2, 9, 0, 5),           // of bytes that are not there
             chunk_frame(7, 2, 9, 0, 3),           // with more behind it
         })
        EXPECT_EQ(parse_frame(wrong, false).status, Status::malformed);
}

Hello some_hello() {
    Hello hello{0x1234, NodeId(1), NodeId(2), 0xf01de2, LogIndex(17), "db-1.example", 9202};
    hello.guard = 0x9a;
    hello.founding = 0xf0;
    hello.founding_term = Term(8);
    hello.is_member = true;
    hello.known_folder = 0xf01de3;
    return hello;
}

TEST(PeerCodec, AHelloComesFirstAndOnlyFirst) {
    std::string hello;
    encode_hello(some_hello(), hello);
    const ParsedFrame parsed = parse_frame(hello, true);
    ASSERT_EQ(parsed.status, Status::hello);
    EXPECT_EQ(parsed.hello, some_hello());
    EXPECT_EQ(parsed.consumed, hello.size());
    EXPECT_EQ(parse_frame(hello, false).status, Status::malformed);
    EXPECT_EQ(parse_frame(bytes_of(one_of_each()[9]), true).status, Status::malformed);
}

TEST(PeerCodec, TheLongestHelloIsWithinItsBound) {
    Hello longest = some_hello();
    longest.host.assign(max_host_bytes, 'h');
    std::string bytes;
    encode_hello(longest, bytes);
    EXPECT_EQ(bytes.size(), frame_header_bytes + max_hello_body_bytes);
    EXPECT_EQ(parse_frame(bytes, true).hello, longest);
}

TEST(PeerCodec, AHelloThatIsNotAsItIsWrittenIsRefused) {
    std::string bytes;
    encode_hello(some_hello(), bytes);
    const std::string body = bytes.substr(frame_header_bytes);
    ASSERT_EQ(parse_frame(frame_around(body), true).status, Status::hello);
    constexpr std::size_t may_be_missing = 33;
    const std::size_t first_form = body.size() - may_be_missing;
    for (std::size_t length = 0; length < body.size(); ++length)
        EXPECT_EQ(parse_frame(frame_around(body.substr(0, length)), true).status,
                  length == first_form ? Status::hello : Status::malformed);
    EXPECT_EQ(parse_frame(frame_around(body + "x"), true).status, Status::malformed);
    for (const std::size_t at : {0u, 1u, 5u}) {  // its kind, magic, version
        std::string other = body;
        other[at] ^= 1;
        EXPECT_EQ(parse_frame(frame_around(other), true).status, Status::malformed);
    }
}

TEST(PeerCodec, ARefusalComesBackAsItWasAndNothingElseIsOne) {
    for (const auto reason : {Refusal::Reason::other_cluster, Refusal::Reason::removed,
                              Refusal::Reason::other_folder, Refusal::Reason::not_a_member}) {
        std::string bytes;
        encode_refusal({reason, LogIndex(99), 0xc1}, bytes);
        ASSERT_EQ(bytes.size(), refusal_bytes);
        EXPECT_EQ(read_refusal(bytes), (Refusal{reason, LogIndex(99), 0xc1}));
        EXPECT_EQ(parse_frame(bytes, true).status, Status::malformed);
        EXPECT_EQ(parse_frame(bytes, false).status, Status::malformed);
        EXPECT_EQ(read_refusal(bytes + "x"), std::nullopt);
        for (std::size_t length = 0; length < bytes.size(); ++length)
            EXPECT_EQ(read_refusal(bytes.substr(0, length)), std::nullopt);
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            std::string damaged = bytes;
            damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
            EXPECT_EQ(read_refusal(damaged), std::nullopt);
        }
    }
}

TEST(PeerCodec, ARefusalForNoReasonIsNone) {
    for (const int reason : {0, 5, 255}) {
        std::string body;
        put<std::uint8_t>(body, 11);
        put(body, static_cast<std::uint8_t>(reason));
        put<std::uint64_t>(body, 7);
        EXPECT_EQ(read_refusal(frame_around(body)), std::nullopt);
    }
}

TEST(PeerCodec, EveryPrefixOfAFrameNeedsMore) {
    for (const Message& message : one_of_each()) {
        const std::string bytes = bytes_of(message);
        for (std::size_t length = 0; length < bytes.size(); ++length)
            ASSERT_EQ(parse_frame(bytes.substr(0, length), false).status, Status::need_more);
    }
}

TEST(PeerCodec, EveryFlippedBitIsNoticed) {
    for (const Message& message : one_of_each()) {
        const std::string bytes = bytes_of(message);
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            std::string damaged = bytes;
            damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
            ASSERT_NE(parse_frame(damaged, false).status, Status::message);
        }
    }
}

TEST(PeerCodec, AHugeLengthIsRefusedBeforeAnythingElseArrives) {
    std::string bytes;
    put(bytes, std::uint32_t(0xffffffff));
    EXPECT_EQ(parse_frame(bytes, false).status, Status::malformed);
    EXPECT_EQ(parse_frame(bytes, true).status, Status::malformed);
    bytes.clear();
    put(bytes, std::uint32_t(max_hello_body_bytes + 1));
    EXPECT_EQ(parse_frame(bytes, true).status, Status::malformed);
    EXPECT_EQ(parse_frame(bytes, false).status, Status::need_more);
}

TEST(PeerCodec, AClaimedCountOfEntriesIsNotBelieved) {
    std::string body;
    put_start(body, 4);  // an append request
    for (int i = 0; i < 3; ++i) put<std::uint64_t>(body, 1);
    put<std::uint32_t>(body, 0xffffffff);
    EXPECT_EQ(parse_frame(frame_around(body), false).status, Status::malformed);
}

TEST(PeerCodec, EntriesWhoseTermsFallOrExceedTheMessagesAreRefused) {
    for (const auto& [first, second] : {std::pair{3, 2}, std::pair{3, 4}}) {
        AppendRequest append{LogIndex(0), Term(1), LogIndex(0), {}};
        append.entries.push_back({LogIndex(1), Term(first), EntryKind::noop, {}});
        append.entries.push_back({LogIndex(2), Term(second), EntryKind::noop, {}});
        EXPECT_EQ(parse_frame(bytes_of({Term(3), append}), false).status, Status::malformed);
    }
}

TEST(PeerCodec, NoBodyWithARightChecksumBreaksIt) {
    std::mt19937_64 random(3);
    for (int run = 0; run < 20'000; ++run) {
        std::string body(random() % 80, '\0');
        for (char& c : body) c = static_cast<char>(random());
        if (!body.empty()) body[0] = static_cast<char>(random() % 12);
        const ParsedFrame parsed = parse_frame(frame_around(body), run % 2 == 0);
        ASSERT_NE(parsed.status, Status::need_more);
        (void)read_refusal(frame_around(body));
    }
}

}  // namespace
}  // namespace raftkv::wire
