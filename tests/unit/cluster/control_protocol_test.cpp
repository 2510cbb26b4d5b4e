#include "cli/cluster/control_protocol.hpp"

#include <gtest/gtest.h>

#include <random>

namespace raftkv::cli {
namespace {

TEST(ControlRequest, SurvivesTheLine) {
    const ControlRequest requests[] = {
        {ControlVerb::status},
        {ControlVerb::down},
        {ControlVerb::node, NodeCommand::kill, {ControlTarget::Kind::leader, {}}},
        {ControlVerb::node, NodeCommand::restart, {ControlTarget::Kind::all, {}}, true},
        {ControlVerb::node, NodeCommand::pause, {ControlTarget::Kind::one, NodeId(3)}},
    };
    for (const ControlRequest& request : requests) {
        std::string line = to_line(request);
        auto back = parse_request(line);
        ASSERT_TRUE(back.ok()) << line << ": " << back.error().message;
        EXPECT_EQ(to_line(*back), line);
        EXPECT_EQ(line.find('\n'), std::string::npos);
    }
}

TEST(ControlRequest, IsReadableForPeople) {
    EXPECT_EQ(to_line(ControlRequest{
                  ControlVerb::node, NodeCommand::kill, {ControlTarget::Kind::one, NodeId(2)}}),
              R"({"command":"kill","node":2})");
    auto typed = parse_request(R"({"command":"stop","node":"2"})");
    ASSERT_TRUE(typed.ok());
    EXPECT_EQ(typed->target.id, NodeId(2)) << "an id may be a string";
}

TEST(ControlRequest, EveryRefusal) {
    const char* lines[] = {
        "",
        "status",
        "[]",
        "null",
        "{",
        "{}",
        R"({"command":7})",
        R"({"command":"explode"})",
        R"({"command":"kill"})",
        R"({"command":"kill","node":-1})",
        R"({"command":"kill","node":1.5})",
        R"({"command":"kill","node":4294967296})",
        R"({"command":"kill","node":null})",
        R"({"command":"kill","node":[[[]]]})",
        R"({"command":"kill","node":"everybody"})",
        R"({"command":"restart","node":1,"force":"yes"})",
    };
    for (const char* line : lines) {
        auto request = parse_request(line);
        ASSERT_FALSE(request.ok()) << line;
        EXPECT_EQ(request.error().kind, ErrorKind::usage) << line;
    }
}

TEST(ControlRequest, NoBytesAtAllDoMoreThanFail) {
    std::mt19937 random(11);
    std::string good = R"({"command":"restart","node":"all","force":true})";
    for (int round = 0; round < 20'000; ++round) {
        std::string line = good;
        for (std::uint32_t change = 0; change <= random() % 4; ++change) {
            line[random() % line.size()] = static_cast<char>(random() % 256);
        }
        (void)parse_request(line).ok();
    }
    std::string deep(longest_request_line, '[');
    EXPECT_FALSE(parse_request(deep).ok());
    EXPECT_FALSE(parse_request(R"({"command":"kill","node":)" + std::string(1500, '[') +
                               std::string(1500, ']') + "}")
                     .ok());
}

TEST(ControlReply, SurvivesTheLine) {
    using Kind = ControlReply::Kind;
    const ControlReply replies[] = {
        {Kind::progress, "node 1: \"quoted\"\nand broken"},
        {Kind::done, ""},
        {Kind::failed, "no", ErrorKind::unavailable},
        {Kind::failed, "no", ErrorKind::io},
    };
    for (const ControlReply& reply : replies) {
        std::string line = to_line(reply);
        EXPECT_EQ(line.find('\n'), std::string::npos);
        auto back = parse_reply(line);
        ASSERT_TRUE(back.ok()) << line;
        EXPECT_EQ(back->kind, reply.kind);
        EXPECT_EQ(back->text, reply.text);
        EXPECT_EQ(back->error, reply.error);
    }
    auto status = parse_reply(to_line(ControlReply{Kind::status, R"({"term":3})"}));
    ASSERT_TRUE(status.ok());
    EXPECT_EQ(status->text, R"({"term":3})");
}

TEST(ControlReply, OnlyProgressIsNotTheLastLine) {
    using Kind = ControlReply::Kind;
    EXPECT_FALSE(ControlReply{Kind::progress}.is_last());
    for (Kind kind : {Kind::status, Kind::done, Kind::failed}) {
        EXPECT_TRUE(ControlReply{kind}.is_last());
    }
}

TEST(ControlReply, GarbageIsAnError) {
    for (const char* line :
         {"", "{}", "[]", R"({"done":1})", R"({"failed":{}})", R"({"failed":3})"}) {
        EXPECT_FALSE(parse_reply(line).ok()) << line;
    }
}

TEST(ControlTargetText, IsAnIdOrAWord) {
    EXPECT_EQ(parse_target("7")->id, NodeId(7));
    EXPECT_EQ(parse_target("leader")->kind, ControlTarget::Kind::leader);
    EXPECT_EQ(parse_target("all")->kind, ControlTarget::Kind::all);
    for (const char* text : {"", "-1", "+1", "1 ", "1x", "Leader", "99999999999"}) {
        EXPECT_FALSE(parse_target(text).ok()) << text;
    }
}

}  // namespace
}  // namespace raftkv::cli
