#include <gtest/gtest.h>

#include <string>

#include "common/bytes.hpp"
#include "common/check.hpp"
#include "common/checksum.hpp"
#include "common/error.hpp"
#include "common/log.hpp"
#include "common/log_control.hpp"
#include "common/result.hpp"

namespace raftkv {
namespace {

TEST(Result, HoldsAValueOrAnError) {
    const Result<int> good = 7;
    ASSERT_TRUE(good.ok());
    EXPECT_EQ(*good, 7);
    const Result<int> bad = Error{ErrorKind::corrupt, "torn"};
    ASSERT_FALSE(bad.ok());
    EXPECT_EQ(bad.error().message, "torn");
    EXPECT_TRUE(Result<void>().ok());
    EXPECT_FALSE(Result<void>(Error{ErrorKind::io, "full"}).ok());
}

TEST(ResultDeathTest, EndsTheProcessWhenTheWrongSideIsAskedFor) {
    const Result<int> bad = Error{ErrorKind::failed, ""};
    EXPECT_DEATH((void)*bad, "invariant broken: ok\\(\\)");
    const Result<void> good;
    EXPECT_DEATH((void)good.error(), "invariant broken");
}

TEST(CheckDeathTest, NamesWhatWasBrokenAndWhere) {
    EXPECT_DEATH(RAFTKV_CHECK(1 + 1 == 3), "invariant broken: 1 \\+ 1 == 3 \\(.*basics_test.cpp:");
}

TEST(Error, HasTheExitCodesThatScriptsRelyOn) {
    const std::pair<ErrorKind, int> codes[] = {
        {ErrorKind::failed, 1},    {ErrorKind::undecided, 2},     {ErrorKind::usage, 64},
        {ErrorKind::corrupt, 65},  {ErrorKind::unavailable, 69},  {ErrorKind::io, 74},
        {ErrorKind::no_space, 74}, {ErrorKind::interrupted, 130},
    };
    for (const auto& [kind, code] : codes) {
        EXPECT_EQ(static_cast<int>(exit_code(kind)), code) << name_of(kind);
        EXPECT_FALSE(name_of(kind).empty());
    }
}

TEST(ByteReader, ReadsBackWhatWasPut) {
    std::string bytes;
    put<std::uint8_t>(bytes, 200);
    put<std::int64_t>(bytes, -5);
    bytes += "rest";
    ByteReader reader(bytes);
    EXPECT_EQ(reader.take<std::uint8_t>(), 200);
    EXPECT_EQ(reader.take<std::int64_t>(), -5);
    EXPECT_EQ(reader.take_bytes(2), "re");
    EXPECT_TRUE(reader.ok());
    EXPECT_FALSE(reader.done());
    EXPECT_EQ(reader.take_bytes(2), "st");
    EXPECT_TRUE(reader.done());
}

TEST(ByteReader, StaysBadOnceBytesWereMissing) {
    ByteReader reader("abc");
    EXPECT_EQ(reader.take<std::uint32_t>(), 0u);
    EXPECT_FALSE(reader.ok());
    EXPECT_EQ(reader.take<std::uint8_t>(), 0u) << "although three bytes would have been there";
    EXPECT_EQ(reader.take_bytes(1), "");
    EXPECT_FALSE(reader.done());
}

TEST(SharedBytes, OutlivesWhoMadeIt) {
    SharedBytes copy;
    {
        const SharedBytes first = SharedBytes::copy_of("payload");
        copy = first;
    }
    EXPECT_EQ(copy.view(), "payload");
    EXPECT_EQ(copy.size(), 7u);
    EXPECT_EQ(SharedBytes().view(), "");
}

TEST(Checksum, IsXxh3AndSeparatesDomainsBySeed) {
    EXPECT_EQ(checksum(""), 0x2d06800538d394c2u);  // the published value for no bytes and seed 0
    EXPECT_NE(checksum("a"), checksum("b"));
    EXPECT_NE(checksum("a", 1), checksum("a", 2));
}

TEST(Log, WritesALineAnEventWithLevelAndContext) {
    testing::internal::CaptureStderr();
    log::set_context("node 100%s");
    log::set_level(log::Level::info);
    log::debug("not this");
    log::warn("disk is slow");
    log::set_level(log::Level::off);
    log::error("nor this");
    log::set_level(log::Level::info);
    log::flush(std::chrono::seconds(20));
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_TRUE(text.ends_with(" W node 100%s disk is slow\n")) << text;
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
}

TEST(Log, KnowsItsLevelsByName) {
    for (const char* name : {"debug", "info", "warn", "error", "off"}) {
        log::Level level = log::Level::off;
        EXPECT_TRUE(log::parse_level(name, level)) << name;
    }
    log::Level level = log::Level::off;
    EXPECT_FALSE(log::parse_level("loud", level));
    EXPECT_FALSE(log::parse_level("", level));
}

}  // namespace
}  // namespace raftkv
