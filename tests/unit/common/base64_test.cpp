#include "common/base64.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace raftkv {
namespace {

TEST(Base64, IsThatOfTheStandard) {
    const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                            {"f", "Zg=="},
                                                            {"fo", "Zm8="},
                                                            {"foo", "Zm9v"},
                                                            {"foob", "Zm9vYg=="},
                                                            {"fooba", "Zm9vYmE="},
                                                            {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : examples) {
        EXPECT_EQ(to_base64(bytes), text);
        EXPECT_EQ(from_base64(text), bytes);
    }
    EXPECT_EQ(to_base64("\xff\xfe\xfb"), "//77");
    EXPECT_EQ(from_base64("+/+/"), "\xfb\xff\xbf");
}

TEST(Base64, RefusesWhatItWouldNotHaveMade) {
    for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zg==Zg==", "Zm9v\n",
                             "Zm 9", "Zm9-", "Zm9_", "Zh==", "Zm9="}) {
        EXPECT_FALSE(from_base64(text).has_value()) << text;
    }
}

TEST(Base64, GivesAnyBytesBack) {
    std::mt19937 random(1);
    for (std::size_t size = 0; size < 200; ++size) {
        std::string bytes(size, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    }
}

}  // namespace
}  // namespace raftkv
