#include <gtest/gtest.h>

#include <string>

#include "common/protocol/parser.hpp"

namespace raftkv::protocol {
namespace {

std::string formatted(const Reply& reply) {
    std::string out;
    format(reply, out);
    return out;
}

std::string formatted(const Request& request) {
    std::string out;
    format(request, out);
    return out;
}

TEST(Format, WritesRepliesAsTheProtocolHasThem) {
    Reply reply;
    reply.version = 18446744073709551615u;
    reply.exptime_s = 315360000;
    reply.value = "wowo";
    reply.leader = NodeId(4294967295u);
    const struct {
        ReplyKind kind;
        const char* bytes;
    } cases[] = {
        {ReplyKind::ok, "OK 18446744073709551615\r\n"},
        {ReplyKind::value, "VALUE 4\r\nwowo\r\n"},
        {ReplyKind::value_meta, "VALUE 18446744073709551615 315360000 4\r\nwowo\r\n"},
        {ReplyKind::deleted, "DELETED\r\n"},
        {ReplyKind::cmd_err, "ERR_CMD_ERR\r\n"},
        {ReplyKind::version_err, "ERR_VERSION\r\n"},
        {ReplyKind::not_found, "ERR_NOT_FOUND\r\n"},
        {ReplyKind::internal, "ERR_INTERNAL\r\n"},
        {ReplyKind::redirect, "REDIRECT 4294967295\r\n"},
    };
    for (const auto& [kind, bytes] : cases) {
        reply.kind = kind;
        EXPECT_EQ(formatted(reply), bytes);
    }
}

TEST(Format, WritesRequestsAsTheProtocolHasThem) {
    Request request;
    request.key = "arun";
    request.value = std::string_view("a\0\r\n", 4);
    request.exptime_s = 10;
    request.version = 1000;
    const std::string value("a\0\r\n\r\n", 6);
    const std::pair<Op, std::string> cases[] = {
        {Op::set, "set arun 10 4\r\n" + value},
        {Op::get, "get arun\r\n"},
        {Op::getm, "getm arun\r\n"},
        {Op::cas, "cas arun 10 1000 4\r\n" + value},
        {Op::del, "delete arun\r\n"},
    };
    for (const auto& [op, bytes] : cases) {
        request.op = op;
        EXPECT_EQ(formatted(request), bytes);
    }
}

TEST(Format, Appends) {
    std::string out = "before ";
    format(Reply{}, out);
    format(Request{}, out);
    EXPECT_EQ(out, "before ERR_INTERNAL\r\nget \r\n");
}

TEST(Format, IsUnderstoodByTheParsers) {
    const std::string key(max_key_bytes, 'k');
    const std::string value(1u << 20, '\0');
    Request request{Op::cas, key, value, max_exptime_s, 18446744073709551615u};
    const std::string bytes = formatted(request);
    RequestParser parser(1u << 20);
    const ParsedRequest parsed = parser.next(bytes);
    ASSERT_EQ(parsed.status, ParseStatus::request);
    EXPECT_EQ(formatted(parsed.request), bytes);
    EXPECT_EQ(parsed.consumed, bytes.size() - 2) << "the line end after the value is optional";
}

}  // namespace
}  // namespace raftkv::protocol
