#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/bytes.hpp"
#include "common/checksum.hpp"
#include "node/wire/peer_codec.hpp"
#include "tests/fuzz/targets.hpp"

// The first byte says what the rest is: 'h' and 'm' frames as they come from a connection, from its
// start or later; 'H' and 'M' a body that gets the length and sum it needs, since nobody hits the
// right sum by chance.

namespace raftkv::fuzz {

namespace {

using wire::ParsedFrame;
using Status = ParsedFrame::Status;

// Every entry has at least a term, a kind and a length.
constexpr std::size_t least_entry_bytes = 13;

void check_append(const raft::Message& message, std::size_t bytes) {
    const auto* append = std::get_if<raft::AppendRequest>(&message.body);
    if (append == nullptr) {
        return;
    }
    always(append->entries.capacity() * least_entry_bytes <= bytes,
           "no more entries get room than there are bytes for");
    std::size_t payloads = 0;
    LogIndex index = append->prev_index;
    Term term = append->prev_term;
    for (const raft::Entry& entry : append->entries) {
        payloads += entry.payload.size();
        always(entry.index == ++index, "entries follow one another");
        always(term <= entry.term && entry.term <= message.term, "terms do not fall");
        term = entry.term;
    }
    always(payloads <= bytes, "payloads come from the frame");
}

std::string encode(const ParsedFrame& frame) {
    std::string bytes;
    if (frame.status == Status::hello) {
        wire::encode_hello(frame.hello, bytes);
    } else {
        wire::encode_frame(frame.message, bytes);
    }
    return bytes;
}

// Gives the bytes that are done with.
std::size_t check_frame(std::string_view input, bool first) {
    const std::string own(input);  // so that reading past its end is noticed
    const ParsedFrame frame = wire::parse_frame(own, first);
    if (frame.status == Status::need_more) {
        always(input.size() < wire::frame_header_bytes + wire::max_frame_body_bytes,
               "a frame that is not complete is bounded");
        return 0;
    }
    if (frame.status == Status::malformed) {
        return 0;
    }
    always((frame.status == Status::hello) == first, "a hello is first, and nothing else is");
    always(frame.consumed <= input.size(), "no more is consumed than there is");
    check_append(frame.message, frame.consumed);
    always(encode(frame) == input.substr(0, frame.consumed),
           "what is understood is written as it was read");
    const std::size_t part = checksum(input) % frame.consumed;
    always(wire::parse_frame(input.substr(0, part), first).status == Status::need_more,
           "a part of a good frame needs more");
    return frame.consumed;
}

void check_stream(std::string_view input, bool first) {
    while (!input.empty()) {
        const std::size_t done = check_frame(input, first);
        if (done == 0) {
            return;
        }
        input.remove_prefix(done);
        first = false;
    }
}

std::string frame_around(std::string_view body) {
    std::string frame;
    put(frame, static_cast<std::uint32_t>(body.size()));
    put(frame, checksum(body));
    return frame.append(body);
}

void check_refusal(std::string_view input) {
    const std::string own(input);  // so that reading past its end is noticed
    const std::optional<wire::Refusal> refusal = wire::read_refusal(own);
    if (!refusal) return;
    // Earlier versions left out the cluster.
    std::string bytes;
    wire::encode_refusal(*refusal, bytes);
    always(wire::read_refusal(bytes) == refusal, "what is understood can be written and read");
    always(refusal->cluster == 0 || bytes == input, "and is written as it was read");
}

}  // namespace

void try_peer_frames(std::string_view input) {
    if (input.empty()) {
        return;
    }
    const char what = input.front();
    input.remove_prefix(1);
    const bool first = what == 'h' || what == 'H';
    if (what == 'H' || what == 'M') {
        check_stream(frame_around(input), first);
    } else {
        check_stream(input, first);
    }
    check_refusal(input);
    check_refusal(frame_around(input));
}

}  // namespace raftkv::fuzz
