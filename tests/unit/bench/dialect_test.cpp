#include "cli/bench/load/dialect.hpp"

#include <gtest/gtest.h>

#include <string>

// A benchmark that takes an error for an answer would measure how fast a server refuses.

namespace raftkv::bench {
namespace {

using Status = Answer::Status;

void expect_needs_all_of(const Dialect& dialect, const std::string& reply, Verb verb,
                         Outcome outcome = Outcome::done) {
    for (std::size_t size = 0; size < reply.size(); ++size) {
        EXPECT_EQ(dialect.read(reply.substr(0, size), verb, 3).status, Status::need_more)
            << size << " bytes of " << reply;
    }
    const Answer whole = dialect.read(reply + "next", verb, 3);
    EXPECT_EQ(whole.status, Status::complete) << reply;
    EXPECT_EQ(whole.consumed, reply.size()) << reply;
    EXPECT_EQ(whole.outcome, outcome) << reply;
}

std::string written(const Dialect& dialect, Verb verb) {
    std::string out;
    dialect.append(out, verb, "key", "abc", 7);
    return out;
}

TEST(RaftkvDialect, TakesOnlyWholeReplies) {
    const Dialect& dialect = raftkv_dialect();
    expect_needs_all_of(dialect, "OK 12\r\n", Verb::set);
    expect_needs_all_of(dialect, "OK 12\r\n", Verb::cas);
    expect_needs_all_of(dialect, "VALUE 3\r\nabc\r\n", Verb::get);
    expect_needs_all_of(dialect, "VALUE 12 0 3\r\nabc\r\n", Verb::getm);
    EXPECT_EQ(dialect.read("OK 12\r\n", Verb::set, 3).version, 12u);
    EXPECT_EQ(dialect.read("VALUE 12 0 3\r\nabc\r\n", Verb::getm, 3).version, 12u);
}

TEST(RaftkvDialect, TellsEveryKindOfAnswerApart) {
    const Dialect& dialect = raftkv_dialect();
    expect_needs_all_of(dialect, "ERR_VERSION\r\n", Verb::set, Outcome::exists);
    expect_needs_all_of(dialect, "ERR_VERSION\r\n", Verb::cas, Outcome::conflict);
    expect_needs_all_of(dialect, "ERR_NOT_FOUND\r\n", Verb::get, Outcome::missing);
    expect_needs_all_of(dialect, "VALUE 2\r\nab\r\n", Verb::get, Outcome::wrong_value);
    expect_needs_all_of(dialect, "ERR_CMD_ERR\r\n", Verb::set, Outcome::refused);
    expect_needs_all_of(dialect, "ERR_INTERNAL\r\n", Verb::set, Outcome::unknown);
    expect_needs_all_of(dialect, "ERR_INTERNAL\r\n", Verb::get, Outcome::failed_read);
    expect_needs_all_of(dialect, "REDIRECT 2\r\n", Verb::get, Outcome::redirect);
    EXPECT_EQ(dialect.read("REDIRECT 2\r\n", Verb::get, 3).leader, NodeId(2));
}

TEST(RaftkvDialect, KnowsWhatIsNoReply) {
    const Dialect& dialect = raftkv_dialect();
    EXPECT_EQ(dialect.read("SSH-2.0-OpenSSH\r\n", Verb::set, 3).status, Status::malformed);
    EXPECT_EQ(dialect.read("VALUE 3\r\nabc\r\n", Verb::set, 3).status, Status::malformed);
}

TEST(RaftkvDialect, WritesWhatTheProtocolSays) {
    EXPECT_EQ(written(raftkv_dialect(), Verb::set), "set key 0 3\r\nabc\r\n");
    EXPECT_EQ(written(raftkv_dialect(), Verb::cas), "cas key 0 7 3\r\nabc\r\n");
    EXPECT_EQ(written(raftkv_dialect(), Verb::get), "get key\r\n");
    EXPECT_EQ(written(raftkv_dialect(), Verb::getm), "getm key\r\n");
}

TEST(RedisDialect, TakesOnlyWholeReplies) {
    expect_needs_all_of(redis_dialect(), "+OK\r\n", Verb::set);
    expect_needs_all_of(redis_dialect(), "$3\r\nabc\r\n", Verb::get);
}

TEST(RedisDialect, CountsEveryRefusalAsAnError) {
    const Dialect& dialect = redis_dialect();
    expect_needs_all_of(dialect, "-MISCONF no\r\n", Verb::set, Outcome::refused);
    expect_needs_all_of(dialect, "-ERR\r\n", Verb::get, Outcome::refused);
    expect_needs_all_of(dialect, "$-1\r\n", Verb::get, Outcome::missing);
    expect_needs_all_of(dialect, "$2\r\nab\r\n", Verb::get, Outcome::wrong_value);
    EXPECT_EQ(dialect.read("+PONG\r\n", Verb::set, 3).status, Status::malformed);
    EXPECT_EQ(dialect.read("$x\r\n", Verb::get, 3).status, Status::malformed);
    EXPECT_EQ(dialect.read(std::string(600, 'x'), Verb::set, 3).status, Status::malformed);
}

TEST(RedisDialect, WritesWhatRedisTakes) {
    EXPECT_EQ(written(redis_dialect(), Verb::set), "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$3\r\nabc\r\n");
    EXPECT_EQ(written(redis_dialect(), Verb::get), "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n");
}

TEST(MemcachedDialect, TakesOnlyWholeReplies) {
    expect_needs_all_of(memcached_dialect(), "STORED\r\n", Verb::set);
    expect_needs_all_of(memcached_dialect(), "VALUE key 0 3\r\nabc\r\nEND\r\n", Verb::get);
}

TEST(MemcachedDialect, CountsEveryRefusalAsAnError) {
    const Dialect& dialect = memcached_dialect();
    expect_needs_all_of(dialect, "NOT_STORED\r\n", Verb::set, Outcome::refused);
    expect_needs_all_of(dialect, "SERVER_ERROR out of memory\r\n", Verb::set, Outcome::refused);
    expect_needs_all_of(dialect, "SERVER_ERROR\r\n", Verb::get, Outcome::refused);
    expect_needs_all_of(dialect, "END\r\n", Verb::get, Outcome::missing);
    expect_needs_all_of(dialect, "VALUE key 0 2\r\nab\r\nEND\r\n", Verb::get, Outcome::wrong_value);
    EXPECT_EQ(dialect.read("VALUE key 0 3\r\nabcdefghijk", Verb::get, 3).status, Status::malformed);
}

TEST(MemcachedDialect, WritesWhatMemcachedTakes) {
    EXPECT_EQ(written(memcached_dialect(), Verb::set), "set key 0 0 3\r\nabc\r\n");
    EXPECT_EQ(written(memcached_dialect(), Verb::get), "get key\r\n");
}

}  // namespace
}  // namespace raftkv::bench
