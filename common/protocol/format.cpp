#include <charconv>
#include <limits>

#include "common/check.hpp"
#include "common/protocol/reply.hpp"
#include "common/protocol/request.hpp"

namespace raftkv::protocol {
namespace {

constexpr std::string_view line_end = "\r\n";

// A blank and the number.
void append_field(std::string& out, std::uint64_t number) {
    char text[1 + std::numeric_limits<std::uint64_t>::digits10 + 1];
    text[0] = ' ';
    const auto [end, error] = std::to_chars(text + 1, std::end(text), number);
    RAFTKV_CHECK(error == std::errc());
    out.append(text, static_cast<std::size_t>(end - text));
}

void append_value(std::string& out, std::string_view value) {
    append_field(out, value.size());
    out.append(line_end).append(value).append(line_end);
}

}  // namespace

std::string_view name_of(Op op) {
    switch (op) {
        case Op::set:
            return "set";
        case Op::get:
            return "get";
        case Op::getm:
            return "getm";
        case Op::cas:
            return "cas";
        case Op::del:
            return "delete";
    }
    check_failed("known Op", __FILE__, __LINE__);
}

void format(const Request& request, std::string& out) {
    out.append(name_of(request.op)).append(1, ' ').append(request.key);
    if (request.op != Op::set && request.op != Op::cas) {
        out.append(line_end);
        return;
    }
    append_field(out, request.exptime_s);
    if (request.op == Op::cas) append_field(out, request.version);
    append_value(out, request.value);
}

void format(const Reply& reply, std::string& out) {
    switch (reply.kind) {
        case ReplyKind::ok:
            out.append("OK");
            append_field(out, reply.version);
            break;
        case ReplyKind::value:
            out.append("VALUE");
            append_value(out, reply.value);
            return;
        case ReplyKind::value_meta:
            out.append("VALUE");
            append_field(out, reply.version);
            append_field(out, reply.exptime_s);
            append_value(out, reply.value);
            return;
        case ReplyKind::deleted:
            out.append("DELETED");
            break;
        case ReplyKind::cmd_err:
            out.append("ERR_CMD_ERR");
            break;
        case ReplyKind::version_err:
            out.append("ERR_VERSION");
            break;
        case ReplyKind::not_found:
            out.append("ERR_NOT_FOUND");
            break;
        case ReplyKind::internal:
            out.append("ERR_INTERNAL");
            break;
        case ReplyKind::redirect:
            out.append("REDIRECT");
            append_field(out, reply.leader.value());
            break;
    }
    out.append(line_end);
}

}  // namespace raftkv::protocol
