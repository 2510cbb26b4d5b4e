#include "cli/client/completion.hpp"

#include <gtest/gtest.h>

#include <string>

#include "cli/client/words.hpp"

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

// What TAB makes of a line.
std::string tab(const std::string& text, const CompletionSource& words) {
    return text + text_to_insert(complete(text, words));
}

TEST(Completion, WhatIsInsertedParses) {
    CompletionSource odd = source;
    odd.keys = {R"(it's)", R"(say"so")", R"(back\slash)", "plain"};
    for (const std::string begin : {"get it", "get \"it", "get 'it", "get say", "get \"say",
                                    "get 'say", "get back", "get \"back", "get 'back", "get p",
                                    R"(get it\')", R"(get 'it'\')", R"(get "say\")", "'get' p"}) {
        const std::string line = tab(begin, odd);
        const auto words = split_words(line);
        ASSERT_TRUE(words.ok()) << line;
        ASSERT_EQ(words->size(), 2u) << line;
        EXPECT_TRUE(odd.keys.contains((*words)[1])) << line;
        EXPECT_EQ(line.back(), ' ');
    }
}

TEST(Completion, InsertsWhatAllAgreeOn) {
    EXPECT_EQ(tab("get a", source), "get ar");
    EXPECT_EQ(tab("get ar", source), "get ar");
    EXPECT_EQ(tab("get \"ar", source), "get \"ar");
    EXPECT_EQ(tab("get \"art", source), "get \"arthur\" ");
    EXPECT_EQ(tab("get x", source), "get x");
    EXPECT_EQ(tab("get a\\", source), "get a\\") << "an escape is half typed";
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
