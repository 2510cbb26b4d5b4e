#include "cli/admin/transfer.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/unit/admin/one_answer.hpp"

namespace raftkv::cli {
namespace {

using namespace std::chrono_literals;

// What becomes of an answer of the leader's admin port.
Result<TransferReport> told(int code, const std::string& body, std::string* request = nullptr) {
    OneAnswer server(
        fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n\r\n{}", code, body.size(), body));
    ServerConfig leader;
    leader.id = NodeId(0);
    leader.admin_host = "127.0.0.1";
    leader.admin_port = server.port;
    auto report = order_transfer(leader, NodeId(2), 5s);
    if (request) *request = server.request;
    return report;
}

TEST(Transfer, OrdersByPostAndReadsWhoLeadsNow) {
    std::string request;
    const auto report = told(200, R"({"from":0,"to":2,"term":6,"ms":3})", &request);
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_EQ(report->from, NodeId(0));
    EXPECT_EQ(report->to, NodeId(2));
    EXPECT_EQ(report->term, Term(6));
    EXPECT_EQ(report->took_ms, 3u);
    EXPECT_TRUE(request.starts_with("POST /transfer?to=2 HTTP/1.1\r\n")) << request;
}

TEST(Transfer, ARefusalIsAnErrorThatGivesTheReason) {
    const auto refused = told(409, "node 2 is too far behind\n");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::failed);
    EXPECT_EQ(refused.error().message, "node 2 is too far behind");
    EXPECT_EQ(told(400, "no").error().kind, ErrorKind::usage);
    EXPECT_EQ(told(421, "no").error().kind, ErrorKind::unavailable);
    EXPECT_EQ(told(503, "no").error().kind, ErrorKind::unavailable);
    EXPECT_EQ(told(504, "no").error().kind, ErrorKind::failed);
    EXPECT_EQ(told(500, "").error().message, "HTTP code 500");
}

TEST(Transfer, WhatIsNoReportIsRefused) {
    for (const char* body :
         {"", "[]", "{}", R"({"from":0,"to":2,"term":6})", R"({"from":-1,"to":2,"term":6,"ms":3})",
          R"({"from":0,"to":1e300,"term":6,"ms":3})", R"({"from":0,"to":"2","term":6,"ms":3})",
          R"({"from":0,"to":4294967296,"term":6,"ms":3})", R"({"from":0,"to":2,"term":6,"ms":3)"}) {
        const auto report = told(200, body);
        ASSERT_FALSE(report.ok()) << body;
        EXPECT_EQ(report.error().kind, ErrorKind::failed) << body;
    }
}

TEST(Transfer, ANodeThatTheClusterDoesNotHaveIsWrongUsage) {
    ClusterConfig config;
    const auto report = transfer_leadership(config, NodeId(7));
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().kind, ErrorKind::usage);
    EXPECT_NE(report.error().message.find("no node 7"), std::string::npos);
}

TEST(Transfer, WithoutALeaderItIsUnavailable) {
    const auto report = transfer_leadership(ClusterConfig{}, std::nullopt);
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace raftkv::cli
