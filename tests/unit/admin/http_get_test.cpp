#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "cli/admin/admin_client.hpp"
#include "cli/admin/http_stream.hpp"
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
    const std::string host = "\r\nHost: 127.0.0.1:" + std::to_string(server.port) + "\r\n";
    EXPECT_NE(server.request.find(host), std::string::npos) << server.request;
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

constexpr std::string_view chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST(HttpGet, WhatEndsBeforeItsEndWasCutOff) {
    for (const char* body : {"", "5\r\nhello\r\n", "5\r\nhel", "5\r\nhello\r\n0\r\n"}) {
        OneAnswer server(std::string(chunked) + body, OneAnswer::Then::close);
        auto page = http_get("127.0.0.1", server.port, "/", 5s);
        ASSERT_FALSE(page.ok()) << body;
        EXPECT_TRUE(page.error().message.ends_with(": it was cut off")) << page.error().message;
    }
    OneAnswer silent("", OneAnswer::Then::close);
    auto nothing = http_get("127.0.0.1", silent.port, "/", 5s);
    ASSERT_FALSE(nothing.ok());
    EXPECT_EQ(nothing.error().kind, ErrorKind::unavailable);
}

TEST(HttpGet, ALineWithoutEndIsNotWaitedFor) {
    const std::string endless(100'000, 'x');
    for (const auto& answer : {"HTTP/1.1 200 OK\r\nA: " + endless, "HTTP/1.1 200 " + endless,
                               std::string(chunked) + "5;" + endless}) {
        OneAnswer server(answer);
        auto page = http_get("127.0.0.1", server.port, "/", 60s);
        ASSERT_FALSE(page.ok());
        EXPECT_EQ(page.error().message.find("no answer"), std::string::npos);
    }
}

class HttpGetStream : public testing::Test {
  protected:
    Result<void> get(const OneAnswer& server, std::chrono::milliseconds silence = 5s) {
        return http_get_stream("127.0.0.1", server.port, "/dump", silence,
                               [this](std::string_view piece) -> Result<void> {
                                   body_ += piece;
                                   if (body_.size() <= enough_) return {};
                                   return Error{ErrorKind::interrupted, "enough"};
                               });
    }

    std::string body_;
    std::size_t enough_ = 100u << 20;
};

TEST_F(HttpGetStream, GivesABodyOfAnyLength) {
    const std::string large(10'000'000, 'x');
    OneAnswer server(std::string(chunked) + "5\r\nhello\r\n989680\r\n" + large + "\r\n0\r\n\r\n");
    auto got = get(server);
    ASSERT_TRUE(got.ok()) << got.error().message;
    EXPECT_TRUE(body_ == "hello" + large);
}

TEST_F(HttpGetStream, WhatCameBeforeItWasCutOffWasGiven) {
    OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", OneAnswer::Then::close);
    auto got = get(server);
    ASSERT_FALSE(got.ok());
    EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
    EXPECT_TRUE(got.error().message.ends_with("/dump: it was cut off")) << got.error().message;
    EXPECT_EQ(body_, "half");
}

TEST_F(HttpGetStream, SilenceEndsIt) {
    OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    auto got = get(server, 50ms);
    ASSERT_FALSE(got.ok());
    EXPECT_TRUE(got.error().message.ends_with("/dump: nothing came for 50 ms"))
        << got.error().message;
    EXPECT_EQ(body_, "half");
}

TEST_F(HttpGetStream, ARefusalIsToldInTheWordsOfTheNode) {
    OneAnswer server("HTTP/1.1 503 X\r\nContent-Length: 12\r\n\r\nanother one\n");
    auto got = get(server);
    ASSERT_FALSE(got.ok());
    EXPECT_EQ(got.error().kind, ErrorKind::failed);
    EXPECT_TRUE(got.error().message.ends_with("/dump: HTTP code 503: another one"))
        << got.error().message;
    OneAnswer talker("HTTP/1.1 503 X\r\nContent-Length: 99999\r\n\r\n" + std::string(99'999, 'x'));
    got = get(talker);
    ASSERT_FALSE(got.ok());
    EXPECT_TRUE(got.error().message.ends_with(": " + std::string(500, 'x')));
    EXPECT_EQ(body_, "");
}

TEST_F(HttpGetStream, WhoeverTakesThePiecesEndsIt) {
    enough_ = 10;
    OneAnswer server(reply(std::string(1000, 'x')));
    EXPECT_EQ(get(server).error().message, "enough");
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
