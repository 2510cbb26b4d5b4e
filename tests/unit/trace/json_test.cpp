#include "cli/test/trace/json.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/unit/trace/sample_traces.hpp"

namespace raftkv::trace {
namespace {

using Json = nlohmann::json;

Json written(const Trace& trace) {
    return Json::parse(to_json(trace));
}

TEST(TraceJson, says_what_the_run_was) {
    Trace trace;
    trace.seed = std::numeric_limits<std::uint64_t>::max();
    trace.command = "raftkv test simulate --seed 1";
    trace.nodes = 3;
    trace.start_us = 5;
    trace.end_us = 9;
    trace.truncated = true;
    Json json = written(trace);
    EXPECT_EQ(json["format"], "raftkv trace 1");
    EXPECT_EQ(json["seed"], "18446744073709551615") << "a string: it fits into no double";
    EXPECT_EQ(json["command"], trace.command);
    EXPECT_EQ(json["nodes"], 3);
    EXPECT_EQ(json["start_us"], 5);
    EXPECT_EQ(json["end_us"], 9);
    EXPECT_EQ(json["truncated"], true);
    EXPECT_EQ(json["failure"], nullptr);
}

TEST(TraceJson, tells_a_failure_with_and_without_a_node) {
    Trace trace;
    trace.failure = Failure{"election safety", "two leaders in term 3", 17, 2u};
    EXPECT_EQ(written(trace)["failure"], Json::parse(R"({"invariant": "election safety",
        "message": "two leaders in term 3", "time_us": 17, "node": 2})"));
    trace.failure->node.reset();
    EXPECT_EQ(written(trace)["failure"]["node"], nullptr);
}

TEST(TraceJson, every_list_has_its_rows) {
    Trace trace;
    trace.roles = {{1, 10, 20, Role::candidate, 4}};
    trace.messages = {{10, 12, 0, 1, MessageKind::vote, 4, "please", std::nullopt},
                      {11, std::nullopt, 1, 0, MessageKind::append_reply, 3, "no", Lost::cut}};
    trace.faults = {{5, std::nullopt, 2u, std::nullopt, "crash", "kill -9"}};
    trace.commits = {{30, 2, 7, 3}};
    trace.disks = {{12, 13, 1, "sync"}};
    trace.operations = {{1, 2, 8, 0, "get a", "VALUE"}, {3, std::nullopt, 8, 0, "get a", ""}};
    trace.notes = {{6, std::nullopt, "no"}};
    Json json = written(trace);
    EXPECT_EQ(json["roles"], Json::parse("[[10, 20, 1, 2, 4]]"));
    EXPECT_EQ(json["messages"], Json::parse("[[10, 12, 0, 1, 4, 4, null, 0],"
                                            "[11, null, 1, 0, 1, 3, 1, 1]]"));
    EXPECT_EQ(json["faults"], Json::parse("[[5, null, 2, null, 2, 3]]"));
    EXPECT_EQ(json["commits"], Json::parse("[[30, 2, 7, 3]]"));
    EXPECT_EQ(json["disks"], Json::parse("[[12, 13, 1, 4]]"));
    EXPECT_EQ(json["operations"], Json::parse("[[1, 2, 8, 0, 5, 6], [3, null, 8, 0, 5, 7]]"));
    EXPECT_EQ(json["notes"], Json::parse("[[6, null, 1]]")) << "a text is written once";
    EXPECT_EQ(json["texts"], Json::parse(R"(["please", "no", "crash", "kill -9", "sync", "get a",
        "VALUE", ""])"));
    EXPECT_EQ(json["role_names"][2], "candidate");
    EXPECT_EQ(json["message_names"][4], "vote");
    EXPECT_EQ(json["message_names"][1], "append reply");
    EXPECT_EQ(json["lost_names"][1], "cut");
}

TEST(TraceJson, lists_are_in_order_of_time_however_they_came) {
    Trace shuffled = incident();
    std::reverse(shuffled.messages.begin(), shuffled.messages.end());
    Json json = written(shuffled);
    auto earlier = [](const Json& left, const Json& right) { return left[0] < right[0]; };
    for (const char* list :
         {"roles", "messages", "faults", "commits", "disks", "operations", "notes"}) {
        EXPECT_FALSE(json[list].empty()) << list;
        EXPECT_TRUE(std::is_sorted(json[list].begin(), json[list].end(), earlier)) << list;
    }
}

TEST(TraceJson, any_bytes_become_valid_ascii) {
    std::string json = to_json(hostile_run());
    EXPECT_TRUE(std::all_of(json.begin(), json.end(), [](char c) {
        return c == '\n' ||
               (static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f);
    }));
    std::string text = Json::parse(json)["command"];
    EXPECT_TRUE(text.starts_with("</script><img src=x onerror=\"window.obeyed=1\">"));
    EXPECT_NE(text.find("\x01\x1b[31m"), std::string::npos) << "what is valid is kept";
    EXPECT_NE(text.find("\xef\xbf\xbd"), std::string::npos) << "what is not, is marked";
}

TEST(TraceJson, a_text_with_a_nul_keeps_what_follows_it) {
    Trace trace;
    trace.notes = {{0, 0u, std::string("a\0b", 3)}};
    EXPECT_EQ(written(trace)["texts"][0], std::string("a\0b", 3));
}

TEST(TraceJson, an_empty_run_is_complete) {
    Json json = written(empty_run());
    EXPECT_EQ(json["nodes"], 0);
    EXPECT_TRUE(json["messages"].empty());
    EXPECT_TRUE(json["texts"].empty());
}

}  // namespace
}  // namespace raftkv::trace
