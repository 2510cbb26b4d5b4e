#include "cli/client/words.hpp"

#include <gtest/gtest.h>

#include "cli/client/escape.hpp"

namespace raftkv::cli::client {
namespace {

using Words = std::vector<std::string>;
using namespace std::string_literals;

Words split(std::string_view line) {
    const auto words = split_words(line);
    EXPECT_TRUE(words.ok()) << (words.ok() ? "" : words.error().message);
    return words.ok() ? *words : Words{};
}

std::string complaint(std::string_view line) {
    const auto words = split_words(line);
    EXPECT_FALSE(words.ok());
    if (words.ok()) return {};
    EXPECT_EQ(words.error().kind, ErrorKind::usage);
    return words.error().message;
}

TEST(Words, RunsOfBlanksSeparate) {
    EXPECT_EQ(split("set  k\tv "), (Words{"set", "k", "v"}));
    EXPECT_EQ(split(""), Words{});
    EXPECT_EQ(split(" \t "), Words{});
}

TEST(Words, QuotesHoldBlanksAndMayBeEmpty) {
    EXPECT_EQ(split(R"(set k "my name")"), (Words{"set", "k", "my name"}));
    EXPECT_EQ(split(R"(set k 'my "name"')"), (Words{"set", "k", R"(my "name")"}));
    EXPECT_EQ(split(R"(a "" '')"), (Words{"a", "", ""}));
}

TEST(Words, PartsThatTouchAreOneWord) {
    EXPECT_EQ(split(R"(a"b c"'d e'f)"), (Words{"ab cd ef"}));
}

TEST(Words, EscapesGiveAnyByte) {
    EXPECT_EQ(split(R"(\n\r\t\0\\\"\'\x41\xfF)"), (Words{"\n\r\t\0\\\"'A\xff"s}));
    EXPECT_EQ(split(R"("a\nb" a\ b)"), (Words{"a\nb", "a b"}));
}

TEST(Words, SingleQuotesKeepBackslashes) {
    EXPECT_EQ(split(R"('\n')"), (Words{R"(\n)"}));
}

TEST(Words, BytesThatAreNoAsciiStay) {
    EXPECT_EQ(split("J\xc3\xbcrgen \xff"), (Words{"Jürgen", "\xff"}));
}

TEST(Words, ComplaintsNameTheColumn) {
    EXPECT_EQ(complaint(R"(set k "open)"), "column 7: the quote that opens here is not closed");
    EXPECT_EQ(complaint("set k 'open"), "column 7: the quote that opens here is not closed");
    EXPECT_EQ(complaint(R"(a\)"), "column 2: nothing follows the backslash");
    EXPECT_EQ(complaint(R"("a\)"), "column 3: nothing follows the backslash");
    EXPECT_TRUE(complaint(R"(\q)").starts_with("column 1: unknown escape"));
    EXPECT_TRUE(complaint(R"(\x4)").starts_with("column 1: \\x takes two hex digits"));
    EXPECT_TRUE(complaint(R"(\xzz)").starts_with("column 1: \\x takes two hex digits"));
}

TEST(Words, WhatIsShownEscapedCanBeTypedBack) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    EXPECT_EQ(split("\"" + escaped(all) + "\""), Words{all});
    EXPECT_EQ(split("\"" + escaped_text(all) + "\""), Words{all});
}

TEST(Escape, OnlyVisibleTextIsShownAsItIs) {
    EXPECT_EQ(escaped("Jürgen"), R"(J\xc3\xbcrgen)");
    EXPECT_EQ(escaped_text("Jürgen 日本 😀"), "Jürgen 日本 😀");
    EXPECT_EQ(escaped_text("\x1b[31m"), R"(\x1b[31m)") << "an escape sequence must not be obeyed";
    EXPECT_EQ(escaped_text("\xc2\x9b"), R"(\xc2\x9b)") << "nor the one-character form of it";
    EXPECT_EQ(escaped_text("\xe2\x80\xae"), R"(\xe2\x80\xae)") << "nor text be reordered";
    EXPECT_EQ(escaped_text("\xc0\xaf\xed\xa0\x80\xf8"), R"(\xc0\xaf\xed\xa0\x80\xf8)");
    EXPECT_EQ(escaped_text("\xe6\x97"), R"(\xe6\x97)") << "half a character";
}

TEST(Escape, Utf8IsRecognized) {
    EXPECT_TRUE(is_utf8("plain, Jürgen, 日本, 😀"));
    EXPECT_FALSE(is_utf8("\xff"));
    EXPECT_FALSE(is_utf8("\xc0\xaf"));          // overlong
    EXPECT_FALSE(is_utf8("\xed\xa0\x80"));      // surrogate
    EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));  // past the last character
    EXPECT_FALSE(is_utf8("a\xe6\x97"));
}

TEST(Escape, HexGoesBothWays) {
    std::string bytes;
    ASSERT_TRUE(from_hex("00fFa1", bytes));
    EXPECT_EQ(bytes, "\x00\xff\xa1"s);
    EXPECT_EQ(to_hex(bytes), "00ffa1");
    EXPECT_FALSE(from_hex("abc", bytes));
    EXPECT_FALSE(from_hex("0g", bytes));
}

}  // namespace
}  // namespace raftkv::cli::client
