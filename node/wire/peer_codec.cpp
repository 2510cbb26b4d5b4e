#include "node/wire/peer_codec.hpp"

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "common/bytes.hpp"
#include "node/wire/kind.hpp"

namespace raftkv::wire {
namespace {

using raft::AppendRequest;
using raft::AppendResponse;
using raft::Body;
using raft::Entry;
using raft::EntryKind;
using raft::Heartbeat;
using raft::HeartbeatResponse;
using raft::Message;
using raft::SnapshotChunk;
using raft::SnapshotInfo;
using raft::SnapshotResponse;
using raft::TimeoutNow;
using raft::VoteRequest;
using raft::VoteResponse;

struct BodyWriter {
    std::string& out;
    Term term;
    raft::ClockReading clock;

    void operator()(const VoteRequest& m) const {
        start(Kind::vote_request);
        put<std::uint8_t>(out, m.pre);
        put<std::uint8_t>(out, m.leader_transfer);
        put(out, m.last_index.value());
        put(out, m.last_term.value());
    }
    void operator()(const VoteResponse& m) const {
        start(Kind::vote_response);
        put<std::uint8_t>(out, m.pre);
        put<std::uint8_t>(out, m.granted);
    }
    void operator()(const AppendRequest& m) const {
        start(Kind::append_request);
        put(out, m.prev_index.value());
        put(out, m.prev_term.value());
        put(out, m.commit.value());
        put(out, static_cast<std::uint32_t>(m.entries.size()));
        for (const Entry& entry : m.entries) {
            put(out, entry.term.value());
            put(out, static_cast<std::uint8_t>(entry.kind));
            put(out, static_cast<std::uint32_t>(entry.payload.size()));
            out.append(entry.payload.view());
        }
    }
    void operator()(const AppendResponse& m) const {
        start(Kind::append_response);
        put<std::uint8_t>(out, m.accepted);
        put(out, m.index.value());
        put(out, m.conflict_term.value());
        put(out, m.conflict_index.value());
    }
    void operator()(const Heartbeat& m) const {
        start(Kind::heartbeat);
        put(out, m.commit.value());
        put(out, m.round);
        put_mark(m.state);
        put<std::uint8_t>(out, m.differs);
    }
    void operator()(const HeartbeatResponse& m) const {
        start(Kind::heartbeat_response);
        put(out, m.round);
        put_mark(m.state);
        put(out, m.promise_ms);
    }
    void operator()(const TimeoutNow&) const { start(Kind::timeout_now); }
    void operator()(const SnapshotChunk& m) const {
        start(Kind::snapshot_chunk);
        put(out, m.snapshot.id.index.value());
        put(out, m.snapshot.id.term.value());
        put(out, m.snapshot.bytes);
        put(out, m.offset);
        put(out, static_cast<std::uint32_t>(m.bytes.size()));
        out.append(m.bytes.view());
    }
    void operator()(const SnapshotResponse& m) const {
        start(Kind::snapshot_response);
        put(out, m.index.value());
        put(out, m.bytes);
    }

    void put_mark(const raft::StateMark& mark) const {
        put(out, mark.index.value());
        put(out, mark.hash);
    }
    void start(Kind kind) const {
        put_kind(out, kind);
        put(out, term.value());
        put<std::uint8_t>(out, clock.of_cluster);
        put(out, clock.us);
    }
};

// Bytes are 0 or 1; anything else is malformed.
bool take_flag(ByteReader& in, bool& valid) {
    const auto byte = in.take<std::uint8_t>();
    valid = valid && byte <= 1;
    return byte == 1;
}

std::optional<raft::ClockReading> read_clock(ByteReader& in) {
    bool valid = true;
    raft::ClockReading clock;
    clock.of_cluster = take_flag(in, valid);
    clock.us = in.take<std::int64_t>();
    if (!valid || clock.us < 0) return std::nullopt;
    return clock;
}

std::optional<Body> read_vote_request(ByteReader& in) {
    bool valid = true;
    VoteRequest m;
    m.pre = take_flag(in, valid);
    m.leader_transfer = take_flag(in, valid);
    m.last_index = LogIndex(in.take<std::uint64_t>());
    m.last_term = Term(in.take<std::uint64_t>());
    if (!valid) return std::nullopt;
    return m;
}

std::optional<Body> read_vote_response(ByteReader& in) {
    bool valid = true;
    VoteResponse m;
    m.pre = take_flag(in, valid);
    m.granted = take_flag(in, valid);
    if (!valid) return std::nullopt;
    return m;
}

// Every entry costs at least this many bytes, which bounds a claimed count before it is believed.
constexpr std::size_t min_entry_bytes = 8 + 1 + 4;

std::optional<Entry> read_entry(ByteReader& in, const std::shared_ptr<const std::string>& block,
                                LogIndex index) {
    Entry entry;
    entry.index = index;
    entry.term = Term(in.take<std::uint64_t>());
    const auto kind = in.take<std::uint8_t>();
    const auto length = in.take<std::uint32_t>();
    entry.kind = static_cast<EntryKind>(kind);
    if (entry.kind < EntryKind::noop || entry.kind > EntryKind::members) return std::nullopt;
    if (entry.kind == EntryKind::noop && length != 0) return std::nullopt;
    const std::string_view payload = in.take_bytes(length);
    if (!in.ok()) return std::nullopt;
    entry.payload = SharedBytes(block, payload);
    return entry;
}

std::optional<Body> read_append_request(ByteReader& in, Term term,
                                        const std::shared_ptr<const std::string>& block) {
    AppendRequest m;
    m.prev_index = LogIndex(in.take<std::uint64_t>());
    m.prev_term = Term(in.take<std::uint64_t>());
    m.commit = LogIndex(in.take<std::uint64_t>());
    const auto count = in.take<std::uint32_t>();
    if (count > in.rest().size() / min_entry_bytes) return std::nullopt;
    if (m.prev_index.value() > UINT64_MAX - count) return std::nullopt;
    m.entries.reserve(count);
    Term last = m.prev_term;
    for (std::uint32_t i = 0; i < count; ++i) {
        std::optional<Entry> entry = read_entry(in, block, m.prev_index + i + 1);
        if (!entry || entry->term < last || entry->term > term) return std::nullopt;
        last = entry->term;
        m.entries.push_back(std::move(*entry));
    }
    return m;
}

std::optional<Body> read_append_response(ByteReader& in) {
    bool valid = true;
    AppendResponse m;
    m.accepted = take_flag(in, valid);
    m.index = LogIndex(in.take<std::uint64_t>());
    m.conflict_term = Term(in.take<std::uint64_t>());
    m.conflict_index = LogIndex(in.take<std::uint64_t>());
    // A refusal is about an entry that exists somewhere, and its hint names one.
    if (!m.accepted && m.conflict_index == LogIndex(0)) return std::nullopt;
    if (!valid) return std::nullopt;
    return m;
}

raft::StateMark take_mark(ByteReader& in) {
    const LogIndex index(in.take<std::uint64_t>());
    return {index, in.take<std::uint64_t>()};
}

std::optional<Body> read_heartbeat(ByteReader& in) {
    bool valid = true;
    Heartbeat m;
    m.commit = LogIndex(in.take<std::uint64_t>());
    m.round = in.take<std::uint64_t>();
    m.state = take_mark(in);
    m.differs = take_flag(in, valid);
    if (!valid) return std::nullopt;
    return m;
}

std::optional<Body> read_snapshot_chunk(ByteReader& in, Term term,
                                        const std::shared_ptr<const std::string>& block) {
    SnapshotChunk m;
    m.snapshot.id.index = LogIndex(in.take<std::uint64_t>());
    m.snapshot.id.term = Term(in.take<std::uint64_t>());
    m.snapshot.bytes = in.take<std::uint64_t>();
    m.offset = in.take<std::uint64_t>();
    const std::string_view bytes = in.take_bytes(in.take<std::uint32_t>());
    m.bytes = SharedBytes(block, bytes);
    const raft::SnapshotId& id = m.snapshot.id;
    if (id.index == LogIndex(0) || id.term == Term(0) || id.term > term) return std::nullopt;
    if (m.offset > m.snapshot.bytes || bytes.size() > m.snapshot.bytes - m.offset)
        return std::nullopt;
    return m;
}

std::optional<Body> read_body(Kind kind, Term term, ByteReader& in,
                              const std::shared_ptr<const std::string>& block) {
    switch (kind) {
        case Kind::vote_request:
            return read_vote_request(in);
        case Kind::vote_response:
            return read_vote_response(in);
        case Kind::append_request:
            return read_append_request(in, term, block);
        case Kind::append_response:
            return read_append_response(in);
        case Kind::heartbeat:
            return read_heartbeat(in);
        case Kind::heartbeat_response: {
            const auto round = in.take<std::uint64_t>();
            const raft::StateMark mark = take_mark(in);
            return HeartbeatResponse{round, mark, in.take<std::uint32_t>()};
        }
        case Kind::timeout_now:
            return TimeoutNow{};
        case Kind::snapshot_chunk:
            return read_snapshot_chunk(in, term, block);
        case Kind::snapshot_response: {
            const LogIndex index(in.take<std::uint64_t>());
            return SnapshotResponse{index, in.take<std::uint64_t>()};
        }
        case Kind::hello:
        case Kind::refusal:
        case Kind::introduction:
            break;
    }
    return std::nullopt;
}

ParsedFrame malformed() {
    ParsedFrame result;
    result.status = ParsedFrame::Status::malformed;
    return result;
}

ParsedFrame first_frame(std::string_view body) {
    std::optional<Hello> hello = read_hello(body);
    if (!hello) return malformed();
    ParsedFrame result;
    result.status = ParsedFrame::Status::hello;
    result.hello = std::move(*hello);
    return result;
}

bool holds_bytes(Kind kind) {
    return kind == Kind::append_request || kind == Kind::snapshot_chunk;
}

ParsedFrame read_message(std::string_view body) {
    // Entries and pieces keep pointing into their bytes, so they move from the socket's buffer into
    // a block that they share; other messages are read in place.
    std::shared_ptr<const std::string> block;
    if (!body.empty() && holds_bytes(static_cast<Kind>(body[0]))) {
        block = std::make_shared<const std::string>(body);
        body = *block;
    }
    ByteReader in(body);
    const auto kind = in.take<std::uint8_t>();
    const Term term(in.take<std::uint64_t>());
    const std::optional<raft::ClockReading> clock = read_clock(in);
    if (!clock) return malformed();
    std::optional<Body> read = read_body(static_cast<Kind>(kind), term, in, block);
    if (!read || !in.done()) return malformed();
    ParsedFrame result;
    result.status = ParsedFrame::Status::message;
    result.message = Message{term, std::move(*read), *clock};
    return result;
}

}  // namespace

void encode_frame(const Message& message, std::string& out) {
    put_frame(out, [&] { std::visit(BodyWriter{out, message.term, message.clock}, message.body); });
}

ParsedFrame parse_frame(std::string_view input, bool first) {
    const std::size_t limit = first ? max_hello_body_bytes : max_frame_body_bytes;
    const FrameLook look = look_for_frame(input, limit);
    if (look.status == FrameLook::Status::malformed) return malformed();
    if (look.status == FrameLook::Status::need_more) return ParsedFrame();
    ParsedFrame result = first ? first_frame(look.body) : read_message(look.body);
    result.consumed = frame_header_bytes + look.body.size();
    return result;
}

}  // namespace raftkv::wire
