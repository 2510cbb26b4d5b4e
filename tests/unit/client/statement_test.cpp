#include "cli/client/statement.hpp"

#include <gtest/gtest.h>

#include "cli/client/help.hpp"

namespace raftkv::cli::client {
namespace {

using Words = std::vector<std::string>;

Statement parsed(const Words& words, const StatementOptions& options = {}) {
    const auto statement = parse_statement(words, options);
    EXPECT_TRUE(statement.ok()) << (statement.ok() ? "" : statement.error().message);
    return statement.ok() ? *statement : Statement{};
}

std::string complaint(const Words& words, const StatementOptions& options = {}) {
    const auto statement = parse_statement(words, options);
    EXPECT_FALSE(statement.ok());
    if (statement.ok()) return {};
    EXPECT_EQ(statement.error().kind, ErrorKind::usage);
    return statement.error().message;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(Statement, SetTakesKeyValueAndExptime) {
    const Statement set = parsed({"set", "k", "v", "60"});
    EXPECT_EQ(set.verb, Verb::set);
    const protocol::Request request = set.request();
    EXPECT_EQ(request.op, protocol::Op::set);
    EXPECT_EQ(request.key, "k");
    EXPECT_EQ(request.value, "v");
    EXPECT_EQ(request.exptime_s, 60u);
    EXPECT_EQ(parsed({"set", "k", "v"}).exptime_s, 0u);
}

TEST(Statement, CasTakesTheVersionBeforeTheValue) {
    const Statement cas = parsed({"cas", "k", "18446744073709551615", "v", "5"});
    EXPECT_EQ(cas.version, 18446744073709551615u);
    EXPECT_EQ(cas.value, "v");
    EXPECT_EQ(cas.exptime_s, 5u);
    EXPECT_EQ(cas.request().op, protocol::Op::cas);
}

TEST(Statement, ReadsAndDeleteTakeAKey) {
    EXPECT_EQ(parsed({"get", "k"}).request().op, protocol::Op::get);
    EXPECT_EQ(parsed({"getm", "k"}).request().op, protocol::Op::getm);
    EXPECT_EQ(parsed({"delete", "k"}).request().op, protocol::Op::del);
    EXPECT_EQ(parsed({"status", "2"}).topic, "2");
    EXPECT_EQ(parsed({"help", "cas"}).topic, "cas");
    EXPECT_EQ(parsed({"quit"}).verb, Verb::quit);
    EXPECT_EQ(parsed({"send", "x"}).value, "x");
}

TEST(Statement, DefaultsComeFromTheOptions) {
    StatementOptions options;
    options.exptime_s = 30;
    EXPECT_EQ(parsed({"set", "k", "v"}, options).exptime_s, 30u);
    EXPECT_EQ(parsed({"set", "k", "v", "0"}, options).exptime_s, 0u);
    options.value = "from elsewhere";
    EXPECT_EQ(parsed({"set", "k", "7"}, options).value, "from elsewhere");
    EXPECT_EQ(parsed({"set", "k", "7"}, options).exptime_s, 7u);
    EXPECT_EQ(parsed({"cas", "k", "3", "7"}, options).version, 3u);
}

TEST(Statement, HexIsDecoded) {
    StatementOptions hex;
    hex.hex = true;
    EXPECT_EQ(parsed({"set", "k", "00ff"}, hex).value, std::string("\0\xff", 2));
    EXPECT_TRUE(contains(complaint({"set", "k", "xyz"}, hex), "hex digits"));
    EXPECT_TRUE(contains(complaint({"send", "1"}, hex), "hex digits"));
}

TEST(Statement, EveryRefusalSaysWhatIsWrong) {
    EXPECT_TRUE(contains(complaint({}), "no command"));
    EXPECT_TRUE(contains(complaint({"frobnicate"}), "there is no command \"frobnicate\""));
    EXPECT_TRUE(contains(complaint({"get"}), "needs a key; it is written: get <key>"));
    EXPECT_TRUE(contains(complaint({"get", "k", "x"}), "too many words"));
    EXPECT_TRUE(contains(complaint({"get", "my key"}), "cannot be a key"));
    EXPECT_TRUE(contains(complaint({"get", ""}), "cannot be a key"));
    EXPECT_TRUE(contains(complaint({"get", std::string(251, 'k')}), "cannot be a key"));
    EXPECT_TRUE(contains(complaint({"get", "k\r\ndelete"}), "cannot be a key"));
    EXPECT_TRUE(contains(complaint({"set", "k"}), "needs a value"));
    EXPECT_TRUE(contains(complaint({"set", "k", ""}), "at least one byte"));
    EXPECT_TRUE(contains(complaint({"set", "k", "my", "name"}), "needs quotes"));
    EXPECT_TRUE(contains(complaint({"set", "k", "my", "name", "is"}), "needs quotes"));
    EXPECT_TRUE(contains(complaint({"set", "k", "v", "-1"}), "no exptime"));
    EXPECT_TRUE(contains(complaint({"set", "k", "v", "315360001"}), "no exptime"));
    EXPECT_TRUE(contains(complaint({"set", "k", "v", "99999999999"}), "no exptime"));
    EXPECT_TRUE(contains(complaint({"cas", "k"}), "needs the version"));
    EXPECT_TRUE(contains(complaint({"cas", "k", "seven", "v"}), "no version number"));
    EXPECT_TRUE(contains(complaint({"cas", "k", "7"}), "needs a value"));
    EXPECT_TRUE(contains(complaint({"send"}), "needs bytes"));
    EXPECT_TRUE(contains(complaint({"quit", "now"}), "too many words"));
}

TEST(Statement, AValueOverTheLimitIsRefusedHere) {
    StatementOptions options;
    options.max_value_bytes = 4;
    EXPECT_EQ(parsed({"set", "k", "1234"}, options).value, "1234");
    EXPECT_TRUE(contains(complaint({"set", "k", "12345"}, options), "5 bytes, the limit is 4"));
}

TEST(Help, ListsEveryCommandAndExplainsEach) {
    const auto all = help_text("", true);
    ASSERT_TRUE(all.ok());
    for (const CommandInfo& command : commands()) {
        EXPECT_TRUE(contains(*all, std::string("  ") + std::string(command.name)));
        const auto one = help_text(command.name, true);
        ASSERT_TRUE(one.ok());
        EXPECT_TRUE(contains(*one, command.summary));
    }
    EXPECT_FALSE(contains(*help_text("", false), "send")) << "send is only there with --raw";
    EXPECT_FALSE(help_text("nonsense", false).ok());
}

}  // namespace
}  // namespace raftkv::cli::client
