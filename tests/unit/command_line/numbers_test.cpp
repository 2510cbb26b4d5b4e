#include "cli/command_line/numbers.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <string>

namespace raftkv::cli {
namespace {

// What the option takes the text for; what is wrong with it after a "!".
std::string taken(const CLI::Validator& validator, std::string text) {
    const std::string error = validator(text);
    return error.empty() ? text : "!" + error;
}

TEST(Numbers, WholeOnesAreDigits) {
    const CLI::Validator validator = whole_number(1, 65535);
    EXPECT_EQ(taken(validator, "1"), "1");
    EXPECT_EQ(taken(validator, "65535"), "65535");
    for (const char* wrong : {"", "0", "65536", "-1", "+1", " 1", "1 ", "1x", "0x10", "1.0", "1e3",
                              "nan", "99999999999999999999999"}) {
        EXPECT_EQ(taken(validator, wrong),
                  "!\"" + std::string(wrong) + "\" is not a whole number, 1 to 65535");
    }
}

TEST(Numbers, LeadingZerosMakeNoOctalNumber) {
    EXPECT_EQ(taken(whole_number(0, 100), "010"), "10");
    EXPECT_EQ(taken(whole_number(0, 100), "000"), "0");
    EXPECT_EQ(taken(decimal_number(0, 100), "00.5"), "0.5");
}

TEST(Numbers, AllButTheLargestMayBeUnbounded) {
    EXPECT_EQ(taken(whole_number(0), "18446744073709551615"), "18446744073709551615");
    EXPECT_EQ(taken(whole_number(0), "18446744073709551616"),
              "!\"18446744073709551616\" is not a whole number of at least 0");
    EXPECT_EQ(taken(whole_number(0), "-1"), "!\"-1\" is not a whole number of at least 0");
}

TEST(Numbers, DecimalOnesAreFinite) {
    const CLI::Validator validator = decimal_number(0.1, 86400);
    EXPECT_EQ(taken(validator, "0.5"), "0.5");
    EXPECT_EQ(taken(validator, "1e3"), "1e3");
    for (const char* wrong : {"", "nan", "-nan", "inf", "-inf", "infinity", "-1", "0", "1e400",
                              "86400.1", "1s", " 1", "0x1p3"}) {
        EXPECT_TRUE(taken(validator, wrong).starts_with("!")) << wrong;
    }
}

}  // namespace
}  // namespace raftkv::cli
