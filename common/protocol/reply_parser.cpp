#include <algorithm>
#include <cstring>

#include "common/protocol/fields.hpp"
#include "common/protocol/parser.hpp"

namespace raftkv::protocol {
namespace {

using Status = ParsedReply::Status;

constexpr ParsedReply malformed{Status::malformed, 0, {}};

// A reply of one line: its kind and fields. False when it is none.
bool parse_line(const Fields& fields, Reply& reply) {
    const std::string_view word = fields.at[0];
    const auto is = [&](std::string_view name, std::size_t count, ReplyKind kind) {
        if (word != name || fields.count != count) return false;
        reply.kind = kind;
        return true;
    };
    if (is("OK", 2, ReplyKind::ok)) return parse_number(fields.at[1], reply.version) == Number::ok;
    if (is("REDIRECT", 2, ReplyKind::redirect)) {
        NodeId::Representation id = 0;
        if (parse_number(fields.at[1], id) != Number::ok) return false;
        reply.leader = NodeId(id);
        return true;
    }
    return is("DELETED", 1, ReplyKind::deleted) || is("ERR_CMD_ERR", 1, ReplyKind::cmd_err) ||
           is("ERR_VERSION", 1, ReplyKind::version_err) ||
           is("ERR_VERION", 1, ReplyKind::version_err) ||
           is("ERR_NOT_FOUND", 1, ReplyKind::not_found) ||
           is("ERR_INTERNAL", 1, ReplyKind::internal);
}

bool can_answer(ReplyKind kind, Op op) {
    switch (kind) {
        case ReplyKind::ok:
            return op == Op::set || op == Op::cas;
        case ReplyKind::value:
            return op == Op::get;
        case ReplyKind::value_meta:
            return op == Op::getm;
        case ReplyKind::deleted:
            return op == Op::del;
        case ReplyKind::version_err:
            return op == Op::set || op == Op::cas;
        case ReplyKind::not_found:
            return op != Op::set;
        case ReplyKind::cmd_err:
        case ReplyKind::internal:
        case ReplyKind::redirect:
            return true;
    }
    return false;
}

// The fields after VALUE. 0 when they are wrong, else the size of the value.
std::size_t parse_value_header(const Fields& fields, Reply& reply) {
    std::size_t numbytes = 0;
    const std::size_t last = reply.kind == ReplyKind::value ? 1 : 3;
    if (fields.count != last + 1) return 0;
    if (parse_number(fields.at[last], numbytes) != Number::ok) return 0;
    if (reply.kind == ReplyKind::value_meta) {
        if (parse_number(fields.at[1], reply.version) != Number::ok) return 0;
        if (parse_number(fields.at[2], reply.exptime_s) != Number::ok) return 0;
    }
    // No server of this protocol holds a larger one; a client that believed it would wait for ever.
    return numbytes <= max_swallowed_bytes ? numbytes : 0;
}

ParsedReply parse_value(std::string_view input, std::size_t start, std::size_t numbytes,
                        Reply reply) {
    if (input.size() - start <= numbytes) return {};
    std::size_t end = start + numbytes;
    if (input[end] == '\r') {
        if (++end == input.size()) return {};
    }
    if (input[end] != '\n') return malformed;
    reply.value = input.substr(start, numbytes);
    return {Status::reply, end + 1, reply};
}

}  // namespace

ParsedReply parse_reply(std::string_view input, Op expected) {
    if (input.empty()) return {};
    const std::size_t searched = std::min(input.size(), max_header_bytes);
    const void* found = std::memchr(input.data(), '\n', searched);
    if (found == nullptr) return searched == max_header_bytes ? malformed : ParsedReply{};

    const auto newline = static_cast<std::size_t>(static_cast<const char*>(found) - input.data());
    const Fields fields = split(without_line_end(input, newline));
    Reply reply;
    if (fields.count > 0 && fields.at[0] == "VALUE") {
        reply.kind = expected == Op::getm ? ReplyKind::value_meta : ReplyKind::value;
        if (!can_answer(reply.kind, expected)) return malformed;
        const std::size_t numbytes = parse_value_header(fields, reply);
        return numbytes > 0 ? parse_value(input, newline + 1, numbytes, reply) : malformed;
    }
    if (!parse_line(fields, reply) || !can_answer(reply.kind, expected)) return malformed;
    return {Status::reply, newline + 1, reply};
}

}  // namespace raftkv::protocol
