#include "cli/client/completion.hpp"

#include <gtest/gtest.h>

namespace raftkv::cli::client {
namespace {

using Words = std::vector<std::string>;

const CompletionSource source{{"0", "1", "12", "leader"}, {"arun", "arthur", "babu"}, false};

TEST(Completion, CommandsComeFirst) {
    EXPECT_EQ(complete("ge", source).candidates, (Words{"get", "getm"}));
    EXPECT_EQ(complete("ge", source).typed, 2u);
    EXPECT_EQ(complete("  del", source).candidates, Words{"delete"});
    EXPECT_EQ(complete("", source).candidates.size(), 8u) << "all but send";
    EXPECT_EQ(complete("xyz", source).candidates, Words{});
}

TEST(Completion, SendIsKnownWithRaw) {
    EXPECT_EQ(complete("se", source).candidates, Words{"set"});
    CompletionSource raw = source;
    raw.raw = true;
    EXPECT_EQ(complete("se", raw).candidates, (Words{"send", "set"}));
}

TEST(Completion, TheSecondWordDependsOnTheFirst) {
    EXPECT_EQ(complete("status ", source).candidates, (Words{"0", "1", "12", "leader"}));
    EXPECT_EQ(complete("status 1", source).candidates, (Words{"1", "12"}));
    EXPECT_EQ(complete("help c", source).candidates, Words{"cas"});
    EXPECT_EQ(complete("get ar", source).candidates, (Words{"arthur", "arun"}));
    EXPECT_EQ(complete("quit ", source).candidates, Words{});
    EXPECT_EQ(complete("nonsense ", source).candidates, Words{});
}

TEST(Completion, ValuesAreNotGuessed) {
    EXPECT_EQ(complete("set arun b", source).candidates, Words{});
}

TEST(Completion, TheCommonBeginningIsWhatAllHave) {
    EXPECT_EQ(common_beginning({"get", "getm"}), "get");
    EXPECT_EQ(common_beginning({"arthur", "arun"}), "ar");
    EXPECT_EQ(common_beginning({"a", "b"}), "");
    EXPECT_EQ(common_beginning({"one"}), "one");
    EXPECT_EQ(common_beginning({}), "");
}

}  // namespace
}  // namespace raftkv::cli::client
