#include "cli/cluster/dump/dump_stream.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/client/fake_node.hpp"

namespace raftkv::cli::dump {
namespace {

const std::string head = R"({"dump":1,"applied":12,"clock_ms":5,"keys_at_most":2})"
                         "\n";
const std::string first = R"({"key":"a","value":"1","version":7,"exptime":0})"
                          "\n";
const std::string second = R"({"key":"b","value_base64":"/w==","version":8,"exptime":0})"
                           "\n";
const std::string tail = R"({"keys":2,"state_hash":"0123456789abcdef"})"
                         "\n";

struct Seen {
    std::vector<std::string> lines;
    std::string error;
    DumpSummary summary;
};

// What a dump of these bytes comes to, which arrive in pieces of `step`.
Seen check(const std::string& bytes, std::size_t step = 1000) {
    Seen seen;
    DumpChecker checker([&](std::string_view line) {
        seen.lines.emplace_back(line);
        return Result<void>();
    });
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        auto added = checker.add(std::string_view(bytes).substr(at, step));
        if (added) continue;
        seen.error = added.error().message;
        return seen;
    }
    auto summary = checker.finish();
    if (summary) {
        seen.summary = *summary;
    } else {
        seen.error = summary.error().message;
    }
    return seen;
}

TEST(DumpStream, GivesItsLinesHoweverTheyArrive) {
    for (std::size_t step = 1; step < 200; ++step) {
        const Seen seen = check(head + first + second + tail, step);
        ASSERT_EQ(seen.error, "") << step;
        EXPECT_EQ(seen.lines, (std::vector<std::string>{first, second}));
        EXPECT_EQ(seen.summary.applied, 12u);
        EXPECT_EQ(seen.summary.keys, 2u);
        EXPECT_EQ(seen.summary.state_hash, "0123456789abcdef");
    }
}

TEST(DumpStream, NoticesWhatIsMissingOrTooMuch) {
    const std::string no_dump = "the node's answer is no dump: ";
    EXPECT_EQ(check("").error, no_dump + "its end is missing");
    EXPECT_EQ(check(head + first + second).error, no_dump + "its end is missing");
    EXPECT_EQ(check(head + first + tail).error, no_dump + "it says that it has 2 keys and has 1");
    EXPECT_EQ(check(head + first + second + tail + first).error,
              no_dump + "it goes on after its end");
    EXPECT_EQ(check(head + first + second + tail + "{").error, no_dump + "its end is missing");
    EXPECT_EQ(check("hello\n").error, no_dump + "a line \"hello\\n\"");
    EXPECT_EQ(check(first + tail).error,
              no_dump + "a line \"" + first.substr(0, first.size() - 1) + "\\n\"");
    EXPECT_EQ(check(R"({"dump":2,"applied":1,"keys_at_most":0})"
                    "\n")
                  .error,
              no_dump + "it is of a version not known here");
    EXPECT_NE(check(R"({"dump":1,"applied":-1,"keys_at_most":0})"
                    "\n")
                  .error,
              "");
}

TEST(DumpStream, SaysWhyTheNodeGaveUp) {
    EXPECT_EQ(check(head + first +
                    R"({"error":"too much was overwritten"})"
                    "\n")
                  .error,
              "the node gave up: too much was overwritten; try again");
}

// Over HTTP, from a server that does what it is told.
std::string fetch_error(const std::string& answer, bool then_hang_up = true) {
    test::FakeNode node([&](test::FakeSession& session) {
        session.next();
        session.say(answer);
        if (!then_hang_up) session.stay_silent();
    });
    ServerConfig server;
    server.admin_host = "127.0.0.1";
    server.admin_port = node.port();
    DumpChecker checker([](std::string_view) { return Result<void>(); });
    auto summary = fetch_dump(server, std::chrono::milliseconds(300), checker);
    return summary ? "" : summary.error().message;
}

std::string chunk(const std::string& bytes) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    return size + bytes + "\r\n";
}

constexpr const char* good = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST(DumpStream, IsFetchedOverHttp) {
    EXPECT_EQ(fetch_error(good + chunk(head + first) + chunk(second + tail) + "0\r\n\r\n"), "");
}

TEST(DumpStream, IsNoneWhenTheNodeBreaksOff) {
    const std::string all = good + chunk(head + first) + chunk(second + tail);
    EXPECT_NE(fetch_error(all).find("it was cut off"), std::string::npos);
    EXPECT_NE(fetch_error(all.substr(0, all.size() - 20)).find("it was cut off"),
              std::string::npos);
    EXPECT_NE(fetch_error(good, false).find("nothing came for 300 ms"), std::string::npos);
    EXPECT_NE(fetch_error("HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nbusy\n")
                  .find("HTTP code 503: busy"),
              std::string::npos);
    EXPECT_NE(fetch_error("hello\r\n\r\n"), "");
}

}  // namespace
}  // namespace raftkv::cli::dump
