#include "cli/command_line/json_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace raftkv::cli {
namespace {

TEST(JsonText, TakesAnyBytes) {
    const nlohmann::ordered_json object = {{"file", "caf\xe9 \xff"}};
    EXPECT_EQ(json_text(object), "{\"file\":\"caf\xef\xbf\xbd \xef\xbf\xbd\"}");
}

TEST(JsonText, LeavesNoControlCharacter) {
    const nlohmann::ordered_json object = {{"a", "\x1b[31m\x7f\xc2\x9b\xc3\x9f"}};
    const std::string text = json_text(object);
    EXPECT_EQ(text, "{\"a\":\"\\u001b[31m\\u007f\\u009b\xc3\x9f\"}");
    EXPECT_EQ(nlohmann::ordered_json::parse(text), object) << "and means the same";
}

}  // namespace
}  // namespace raftkv::cli
