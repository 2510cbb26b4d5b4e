#include <algorithm>
#include <string>
#include <vector>

#include "common/checksum.hpp"
#include "common/protocol/parser.hpp"
#include "tests/fuzz/targets.hpp"

// The input is what a client sends to a server, and what a server sends to a client.

namespace raftkv::fuzz {

namespace {

using namespace protocol;

// So small that values which are too large fit into an input.
constexpr std::uint32_t max_value_bytes = 64;

bool same(const Request& a, const Request& b) {
    return a.op == b.op && a.key == b.key && a.value == b.value && a.exptime_s == b.exptime_s &&
           a.version == b.version;
}

bool same(const Reply& a, const Reply& b) {
    return a.kind == b.kind && a.version == b.version && a.exptime_s == b.exptime_s &&
           a.value == b.value && a.leader == b.leader;
}

// A number for all that a server would do.
class Outcome {
  public:
    void take(const ParsedRequest& parsed, std::uint64_t bytes_so_far) {
        text_.clear();
        text_ += static_cast<char>(parsed.status);
        if (parsed.status != ParseStatus::bad_and_close) {
            text_ += std::to_string(bytes_so_far);  // there, how much had arrived does not matter
        }
        if (parsed.status == ParseStatus::request) {
            format(parsed.request, text_);
        }
        sum_ = sum_ * 31 + checksum(text_);
    }
    bool operator==(const Outcome& other) const { return sum_ == other.sum_; }

  private:
    std::string text_;
    std::uint64_t sum_ = 0;
};

void check_request(const Request& request) {
    always(is_valid_key(request.key), "a request has a valid key");
    always(request.value.size() <= max_value_bytes, "a request's value is within the limit");
    always(request.exptime_s <= max_exptime_s, "a request's expiry is within the limit");
    std::string text;
    format(request, text);
    RequestParser parser(max_value_bytes);
    const ParsedRequest again = parser.next(text);
    // The line end after a value is one more blank line to the parser.
    const std::size_t line_end = request.value.empty() ? 0 : 2;
    always(again.status == ParseStatus::request && again.consumed + line_end == text.size() &&
               same(again.request, request),
           "a request that is written and read again is the same");
}

// Offers the input in pieces: the n-th as long as `size_of(n)` says.
template <class SizeOf>
Outcome feed(std::string_view input, SizeOf size_of) {
    RequestParser parser(max_value_bytes);
    Outcome outcome;
    std::string buffer;  // of its own for each piece, so that reading past its end is noticed
    std::size_t arrived = 0;
    std::uint64_t done = 0;
    for (std::size_t piece = 0; arrived < input.size(); ++piece) {
        const std::size_t size = std::min(size_of(piece), input.size() - arrived);
        buffer += input.substr(arrived, size);
        buffer.shrink_to_fit();
        arrived += size;
        for (;;) {
            const ParsedRequest parsed = parser.next(buffer);
            always(parsed.consumed <= buffer.size(), "no more is consumed than there is");
            done += parsed.consumed;
            if (parsed.status != ParseStatus::need_more) {
                outcome.take(parsed, done);
            }
            if (parsed.status == ParseStatus::request) {
                check_request(parsed.request);
            }
            buffer.erase(0, parsed.consumed);
            if (parsed.status == ParseStatus::bad_and_close) {
                return outcome;
            }
            if (parsed.status == ParseStatus::need_more) {
                break;
            }
        }
        always(buffer.size() <= max_header_bytes + max_value_bytes,
               "what has to be kept until more arrives is bounded");
    }
    return outcome;
}

void try_requests(std::string_view input) {
    const Outcome whole = feed(input, [&](std::size_t) { return input.size(); });
    const std::uint64_t luck = checksum(input);
    // Pieces of up to 128 bytes: short ones make for many, and each is looked at from its
    // beginning.
    auto by_luck = [&](std::size_t piece) { return 1 + (luck >> (piece * 3 % 57) & 127); };
    always(feed(input, by_luck) == whole, "it does not matter how a stream is cut into pieces");
}

void try_replies(std::string_view input, Op op) {
    const ParsedReply whole = parse_reply(input, op);
    always(whole.consumed <= input.size(), "no more is consumed than there is");
    const std::string_view part = input.substr(0, checksum(input) % (input.size() + 1));
    const ParsedReply early = parse_reply(part, op);
    if (early.status != ParsedReply::Status::need_more) {
        always(early.status == whole.status && early.consumed == whole.consumed,
               "a reply does not change when more arrives");
    }
    if (whole.status != ParsedReply::Status::reply) {
        return;
    }
    std::string text;
    format(whole.reply, text);
    const ParsedReply again = parse_reply(text, op);
    always(again.status == ParsedReply::Status::reply && again.consumed == text.size() &&
               same(again.reply, whole.reply),
           "a reply that is written and read again is the same");
}

}  // namespace

void try_protocol(std::string_view input) {
    try_requests(input);
    for (Op op : {Op::set, Op::get, Op::getm, Op::cas, Op::del}) {
        try_replies(input, op);
    }
}

}  // namespace raftkv::fuzz
