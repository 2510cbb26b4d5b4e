#include "tests/benchmark/dialect.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

// A benchmark that takes an error for an answer would measure how fast a server refuses.

namespace raftkv::benchmark {
namespace {

using Status = ReplyCheck::Status;

void expect_needs_all_of(const Dialect& dialect, const std::string& reply, Operation operation,
                         std::size_t value_bytes) {
    for (std::size_t size = 0; size < reply.size(); ++size) {
        EXPECT_EQ(dialect.check(reply.substr(0, size), operation, value_bytes).status,
                  Status::need_more)
            << size << " bytes of " << reply;
    }
    ReplyCheck whole = dialect.check(reply + "next", operation, value_bytes);
    EXPECT_EQ(whole.status, Status::good) << reply;
    EXPECT_EQ(whole.consumed, reply.size()) << reply;
}

TEST(RaftkvDialect, takes_only_whole_replies_of_success) {
    auto dialect = make_raftkv_dialect();
    expect_needs_all_of(*dialect, "OK 12\r\n", Operation::set, 3);
    expect_needs_all_of(*dialect, "VALUE 3\r\nabc\r\n", Operation::get, 3);
}

TEST(RaftkvDialect, counts_every_refusal_as_bad) {
    auto dialect = make_raftkv_dialect();
    for (const char* refusal : {"ERR_VERSION\r\n", "ERR_INTERNAL\r\n", "REDIRECT 2\r\n"}) {
        EXPECT_EQ(dialect->check(refusal, Operation::set, 3).status, Status::bad) << refusal;
    }
    EXPECT_EQ(dialect->check("ERR_NOT_FOUND\r\n", Operation::get, 3).status, Status::bad);
    EXPECT_EQ(dialect->check("VALUE 2\r\nab\r\n", Operation::get, 3).status, Status::bad);
}

TEST(RaftkvDialect, writes_what_the_protocol_says) {
    auto dialect = make_raftkv_dialect();
    std::string out;
    dialect->append_set(out, "key", "abc");
    dialect->append_get(out, "key");
    EXPECT_EQ(out, "set key 0 3\r\nabc\r\nget key\r\n");
}

TEST(RespDialect, takes_only_whole_replies_of_success) {
    auto dialect = make_resp_dialect();
    expect_needs_all_of(*dialect, "+OK\r\n", Operation::set, 3);
    expect_needs_all_of(*dialect, "$3\r\nabc\r\n", Operation::get, 3);
}

TEST(RespDialect, counts_every_refusal_as_bad) {
    auto dialect = make_resp_dialect();
    EXPECT_EQ(dialect->check("-MISCONF no\r\n", Operation::set, 3).status, Status::bad);
    EXPECT_EQ(dialect->check("$-1\r\n", Operation::get, 3).status, Status::bad);
    EXPECT_EQ(dialect->check("$2\r\nab\r\n", Operation::get, 3).status, Status::bad);
    EXPECT_EQ(dialect->check("-ERR\r\n", Operation::get, 3).status, Status::bad);
}

TEST(RespDialect, writes_what_redis_takes) {
    auto dialect = make_resp_dialect();
    std::string out;
    dialect->append_set(out, "key", "abc");
    dialect->append_get(out, "key");
    EXPECT_EQ(out, "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$3\r\nabc\r\n*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n");
}

}  // namespace
}  // namespace raftkv::benchmark
