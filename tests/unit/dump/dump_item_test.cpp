#include "cli/cluster/dump/dump_item.hpp"

#include <gtest/gtest.h>

#include <string>

namespace raftkv::cli::dump {
namespace {

DumpItem item(std::string_view line) {
    auto parsed = parse_item(line);
    EXPECT_TRUE(parsed.ok()) << parsed.error().message;
    return parsed ? *parsed : DumpItem{};
}

std::string refusal(std::string_view line) {
    auto parsed = parse_item(line);
    if (parsed) return "";
    EXPECT_EQ(parsed.error().kind, ErrorKind::usage);
    return parsed.error().message;
}

TEST(DumpItem, TakesALineOfADump) {
    const DumpItem arun = item(
        R"({"key":"arun","value":"my name\n is \"arun\" \u00fc","version":7,"exptime":60,"remaining":42})");
    EXPECT_EQ(arun.key, "arun");
    EXPECT_EQ(arun.value, "my name\n is \"arun\" \xc3\xbc");
    EXPECT_EQ(arun.exptime_s, 42u);
}

TEST(DumpItem, TakesWhatAScriptWrites) {
    EXPECT_EQ(item(R"( { "value" : "v" , "key" : "k" } )").exptime_s, 0u);
    EXPECT_EQ(item(R"({"key":"k","value":"v","exptime":60})").exptime_s, 60u);
    EXPECT_EQ(item(R"({"key":"k","value":"v","exptime":0})").exptime_s, 0u);
    EXPECT_EQ(item(R"({"key":"k","value_base64":"/wAB"})").value, std::string("\xff\0\x01", 3));
    EXPECT_EQ(item("{\"key\":\"k\",\"value\":\"v\"}\r").value, "v");
}

TEST(DumpItem, NamesWhatIsWrong) {
    EXPECT_EQ(refusal("hello"), "it is no JSON");
    EXPECT_EQ(refusal(R"({"key":"k","value":"v")"), "it is no JSON");
    EXPECT_EQ(refusal("{\"key\":\"k\",\"value\":\"\xff\"}"), "it is no JSON") << "no UTF-8";
    EXPECT_EQ(refusal(R"(["key","value"])"), "it is no JSON object");
    EXPECT_EQ(refusal("42"), "it is no JSON object");
    EXPECT_EQ(refusal(R"({"value":"v"})"), "\"key\" is missing");
    EXPECT_EQ(refusal(R"({"key":7,"value":"v"})"), "\"key\" is no text");
    EXPECT_EQ(refusal(R"({"key":"k","value":7})"), "\"value\" is no text");
    EXPECT_EQ(refusal(R"({"key":"k"})"), "it needs either \"value\" or \"value_base64\"");
    EXPECT_EQ(refusal(R"({"key":"k","value":"v","value_base64":"dg=="})"),
              "it needs either \"value\" or \"value_base64\"");
    EXPECT_EQ(refusal(R"({"key":"k","value_base64":"dg"})"), "\"value_base64\" is no base64");
    EXPECT_EQ(refusal(R"({"key":"k","value":""})"), "the value is empty, and no key can have such");
    EXPECT_EQ(refusal(R"({"key":"k","value":"v","exptim":60})"), "there is no field \"exptim\"");
    EXPECT_EQ(refusal(R"({"key":"k","value":"v","version":"7"})"), "\"version\" is no number");
    EXPECT_EQ(refusal(R"({"key":"a","value":"v","key":"b"})"), "a field is there twice");
    EXPECT_EQ(refusal(R"({"key":"k","value":"v","remaining":0})"),
              "\"remaining\" is 0: such a key is not there");
}

TEST(DumpItem, RefusesKeysThatNobodyCanHave) {
    for (const std::string& key : {std::string(), std::string("a b"), std::string("a\\nset"),
                                   std::string("\xc3\xbc"), std::string(251, 'k')}) {
        EXPECT_TRUE(
            refusal("{\"key\":\"" + key + "\",\"value\":\"v\"}").starts_with("\"key\" is none"))
            << key;
    }
}

TEST(DumpItem, RefusesTimesThatNobodyCanGive) {
    for (const char* time : {"-1", "1.5", "\"60\"", "null", "315360001", "1e3", "[]"}) {
        const std::string line = std::string(R"({"key":"k","value":"v","exptime":)") + time + "}";
        EXPECT_TRUE(refusal(line).starts_with("\"exptime\" is no whole number")) << time;
    }
    EXPECT_EQ(refusal(R"({"key":"k","value":"v","exptime":315360000})"), "");
}

}  // namespace
}  // namespace raftkv::cli::dump
