#include "cli/command_line/suggestion.hpp"

#include <gtest/gtest.h>

namespace raftkv::cli {
namespace {

const std::vector<std::string> commands = {"up",   "status", "start",  "stop",   "kill",
                                           "load", "down",   "backup", "restore"};

TEST(Suggestion, FindsWhatWasMeant) {
    EXPECT_EQ(nearest("stauts", commands), "status") << "two letters swapped";
    EXPECT_EQ(nearest("statu", commands), "status");
    EXPECT_EQ(nearest("sttus", commands), "status");
    EXPECT_EQ(nearest("kil", commands), "kill");
    EXPECT_EQ(nearest("dwon", commands), "down");
    EXPECT_EQ(nearest("backupp", commands), "backup");
    EXPECT_EQ(nearest("rest", commands), "restore") << "the only one that begins so";
}

TEST(Suggestion, IsSilentRatherThanWrong) {
    EXPECT_EQ(nearest("frobnicate", commands), "");
    EXPECT_EQ(nearest("", commands), "");
    EXPECT_EQ(nearest("xy", commands), "");
    EXPECT_EQ(nearest(std::string(1'000'000, 's'), commands), "");
    EXPECT_EQ(did_you_mean("frobnicate", commands), "");
    EXPECT_EQ(did_you_mean("stauts", commands), "; did you mean status?");
}

}  // namespace
}  // namespace raftkv::cli
