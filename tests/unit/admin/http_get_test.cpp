#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "cli/admin/admin_client.hpp"
#include "tests/unit/admin/one_answer.hpp"

namespace raftkv::cli {
namespace {

using namespace std::chrono_literals;

std::string reply(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(HttpGet, GetsAPage) {
    OneAnswer server(reply("hello"));
    auto page = http_get("127.0.0.1", server.port, "/healthz", 5s);
    ASSERT_TRUE(page.ok()) << page.error().message;
    EXPECT_EQ(page->code, 200);
    EXPECT_EQ(page->body, "hello");
    EXPECT_TRUE(server.request.starts_with("GET /healthz HTTP/1.1\r\n")) << server.request;
}

TEST(HttpGet, AnErrorPageIsAnAnswer) {
    OneAnswer server("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    auto page = http_get("127.0.0.1", server.port, "/healthz", 5s);
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->code, 503);
}

TEST(HttpGet, NobodyThere) {
    std::uint16_t port = 0;
    { port = OneAnswer("").port; }
    auto page = http_get("127.0.0.1", port, "/", 5s);
    ASSERT_FALSE(page.ok());
    EXPECT_EQ(page.error().kind, ErrorKind::unavailable);
}

TEST(HttpGet, ANameThatDoesNotResolve) {
    EXPECT_FALSE(http_get("no such name", 80, "/", 5s).ok());
}

TEST(HttpGet, SilenceEndsAtTheTimeout) {
    OneAnswer server("");
    auto start = std::chrono::steady_clock::now();
    auto page = http_get("127.0.0.1", server.port, "/", 50ms);
    ASSERT_FALSE(page.ok());
    EXPECT_EQ(page.error().kind, ErrorKind::unavailable);
    EXPECT_NE(page.error().message.find("50 ms"), std::string::npos) << page.error().message;
    EXPECT_LT(std::chrono::steady_clock::now() - start, 4s);
}

TEST(HttpGet, HalfAnAnswerEndsAtTheTimeout) {
    OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    EXPECT_FALSE(http_get("127.0.0.1", server.port, "/", 50ms).ok());
}

TEST(HttpGet, WhatIsNoHttp) {
    OneAnswer server("ERR_CMD_ERR\r\n");
    EXPECT_FALSE(http_get("127.0.0.1", server.port, "/", 1s).ok());
}

TEST(HttpGet, ABodyOverTheLimitIsRefused) {
    OneAnswer server(reply(std::string(1000, 'x')));
    EXPECT_FALSE(http_get("127.0.0.1", server.port, "/", 5s, 999).ok());
    OneAnswer claims("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n");
    EXPECT_FALSE(http_get("127.0.0.1", claims.port, "/", 5s).ok());
}

TEST(FetchStatus, ParsesWhatItGets) {
    OneAnswer server(reply(R"({"id":1,"role":"follower","term":4,"leader":0})"));
    auto status = fetch_status("127.0.0.1", server.port, 5s);
    ASSERT_TRUE(status.ok()) << status.error().message;
    EXPECT_EQ(status->term, Term(4));
}

TEST(FetchStatus, SaysWhatIsWrong) {
    OneAnswer missing("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    auto status = fetch_status("127.0.0.1", missing.port, 5s);
    ASSERT_FALSE(status.ok());
    EXPECT_NE(status.error().message.find("404"), std::string::npos) << status.error().message;
    OneAnswer nonsense(reply("nonsense"));
    EXPECT_FALSE(fetch_status("127.0.0.1", nonsense.port, 5s).ok());
}

}  // namespace
}  // namespace raftkv::cli
