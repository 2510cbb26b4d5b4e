#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "common/protocol/parser.hpp"

namespace raftkv::protocol {
namespace {

using Status = ParsedReply::Status;

struct Case {
    Op op;
    const char* bytes;
    Reply reply;
};

Reply make(ReplyKind kind) {
    Reply reply;
    reply.kind = kind;
    return reply;
}

Reply ok(std::uint64_t version) {
    Reply reply = make(ReplyKind::ok);
    reply.version = version;
    return reply;
}

Reply value(std::string_view bytes) {
    Reply reply = make(ReplyKind::value);
    reply.value = bytes;
    return reply;
}

Reply value_meta(std::uint64_t version, std::uint32_t exptime_s, std::string_view bytes) {
    Reply reply = make(ReplyKind::value_meta);
    reply.version = version;
    reply.exptime_s = exptime_s;
    reply.value = bytes;
    return reply;
}

Reply redirect(std::uint32_t id) {
    Reply reply = make(ReplyKind::redirect);
    reply.leader = NodeId(id);
    return reply;
}

void expect_equal(const Reply& a, const Reply& b, std::string_view bytes) {
    EXPECT_EQ(a.kind, b.kind) << bytes;
    EXPECT_EQ(a.version, b.version) << bytes;
    EXPECT_EQ(a.exptime_s, b.exptime_s) << bytes;
    EXPECT_EQ(a.value, b.value) << bytes;
    EXPECT_EQ(a.leader, b.leader) << bytes;
}

const std::vector<Case>& good_replies() {
    static const std::vector<Case> cases = {
        {Op::set, "OK 2\r\n", ok(2)},
        {Op::cas, "OK 18446744073709551615\r\n", ok(18446744073709551615u)},
        {Op::set, "ERR_VERSION\r\n", make(ReplyKind::version_err)},
        {Op::cas, "ERR_VERION\r\n", make(ReplyKind::version_err)},
        {Op::cas, "ERR_NOT_FOUND\r\n", make(ReplyKind::not_found)},
        {Op::get, "ERR_NOT_FOUND\r\n", make(ReplyKind::not_found)},
        {Op::get, "VALUE 4\r\nwowo\r\n", value("wowo")},
        {Op::get, "VALUE 4\r\n\r\n\r\n\r\n", value("\r\n\r\n")},
        {Op::get, "VALUE 1\nx\n", value("x")},
        {Op::getm, "VALUE 5 0 4\r\nwowo\r\n", value_meta(5, 0, "wowo")},
        {Op::del, "DELETED\r\n", make(ReplyKind::deleted)},
        {Op::del, "ERR_CMD_ERR\r\n", make(ReplyKind::cmd_err)},
        {Op::set, "ERR_INTERNAL\r\n", make(ReplyKind::internal)},
        {Op::getm, "REDIRECT 0\r\n", redirect(0)},
        {Op::get, "REDIRECT 4294967295\r\n", redirect(4294967295u)},
    };
    return cases;
}

TEST(ReplyParser, UnderstandsEachReply) {
    for (const auto& [op, bytes, reply] : good_replies()) {
        const ParsedReply parsed = parse_reply(bytes, op);
        ASSERT_EQ(parsed.status, Status::reply) << bytes;
        EXPECT_EQ(parsed.consumed, std::string_view(bytes).size()) << bytes;
        expect_equal(parsed.reply, reply, bytes);
    }
}

TEST(ReplyParser, WaitsForTheLastByteOfEachReply) {
    for (const auto& [op, bytes, reply] : good_replies()) {
        const std::string_view all(bytes);
        for (std::size_t size = 0; size < all.size(); ++size) {
            const ParsedReply parsed = parse_reply(all.substr(0, size), op);
            ASSERT_EQ(parsed.status, Status::need_more) << bytes << " cut at " << size;
            EXPECT_EQ(parsed.consumed, 0u);
        }
    }
}

TEST(ReplyParser, LeavesWhatFollowsTheReply) {
    const ParsedReply parsed = parse_reply("VALUE 2\r\nab\r\nVALUE 2\r\ncd\r\n", Op::get);
    ASSERT_EQ(parsed.status, Status::reply);
    EXPECT_EQ(parsed.reply.value, "ab");
    EXPECT_EQ(parsed.consumed, 13u);
}

TEST(ReplyParser, RefusesWhatIsNoReply) {
    for (const char* bytes :
         {"\r\n", "\n", "ok 2\r\n", "OK\r\n", "OK x\r\n", "OK -1\r\n", "OK 1 2\r\n",
          "OK 18446744073709551616\r\n", "DELETED 1\r\n", "REDIRECT\r\n", "REDIRECT x\r\n",
          "REDIRECT 4294967296\r\n", "REDIRECT 1 2\r\n", "ERR_CMD_ERR x\r\n",
          "HTTP/1.1 400 Bad\r\n", "VALUE\r\n", "\xff\xfe\r\n"}) {
        for (Op op : {Op::set, Op::get, Op::getm, Op::cas, Op::del}) {
            EXPECT_EQ(parse_reply(bytes, op).status, Status::malformed) << bytes;
        }
    }
}

TEST(ReplyParser, RefusesAWrongHeaderOfAValue) {
    for (const char* bytes : {"VALUE 0\r\n\r\n", "VALUE x\r\n", "VALUE -1\r\n", "VALUE 1 0 4\r\n",
                              "VALUE 8388609\r\n", "VALUE 18446744073709551616\r\n"}) {
        EXPECT_EQ(parse_reply(bytes, Op::get).status, Status::malformed) << bytes;
    }
    for (const char* bytes : {"VALUE 4\r\nwowo\r\n", "VALUE 1 0 0\r\n", "VALUE x 0 4\r\n",
                              "VALUE 1 -1 4\r\n", "VALUE 1 0 4 4\r\n"}) {
        EXPECT_EQ(parse_reply(bytes, Op::getm).status, Status::malformed) << bytes;
    }
}

TEST(ReplyParser, RefusesAValueThatDoesNotEndWhereItShould) {
    EXPECT_EQ(parse_reply("VALUE 2\r\nabc\r\n", Op::get).status, Status::malformed);
    EXPECT_EQ(parse_reply("VALUE 2\r\nab\rc", Op::get).status, Status::malformed);
}

TEST(ReplyParser, RefusesAReplyThatTheCommandCannotGet) {
    const struct {
        Op op;
        const char* bytes;
    } crossed[] = {
        {Op::get, "OK 1\r\n"},         {Op::del, "OK 1\r\n"},
        {Op::set, "VALUE 1\r\nx\r\n"}, {Op::del, "VALUE 1\r\nx\r\n"},
        {Op::set, "DELETED\r\n"},      {Op::get, "DELETED\r\n"},
        {Op::get, "ERR_VERSION\r\n"},  {Op::set, "ERR_NOT_FOUND\r\n"},
        {Op::del, "ERR_VERION\r\n"},
    };
    for (const auto& [op, bytes] : crossed) {
        EXPECT_EQ(parse_reply(bytes, op).status, Status::malformed) << bytes;
    }
}

TEST(ReplyParser, GivesUpOnALineWithoutEnd) {
    EXPECT_EQ(parse_reply(std::string(1023, 'O'), Op::set).status, Status::need_more);
    EXPECT_EQ(parse_reply(std::string(1024, 'O'), Op::set).status, Status::malformed);
}

TEST(ReplyParser, SurvivesRandomBytes) {
    static const char* const words[] = {"VALUE", "OK", "REDIRECT",    "DELETED", " ", "\r\n",
                                        "1",     "99", "ERR_VERSION", "\xff",    "-"};
    std::mt19937_64 random(3);
    for (int round = 0; round < 50'000; ++round) {
        std::string bytes;
        for (std::size_t i = random() % 12; i > 0; --i) bytes += words[random() % std::size(words)];
        const ParsedReply parsed = parse_reply(bytes, static_cast<Op>(random() % 5));
        ASSERT_LE(parsed.consumed, bytes.size());
        ASSERT_EQ(parsed.consumed > 0, parsed.status == Status::reply);
    }
}

}  // namespace
}  // namespace raftkv::protocol
