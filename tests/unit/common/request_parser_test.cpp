#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "common/protocol/parser.hpp"

namespace raftkv::protocol {
namespace {

using Strings = std::vector<std::string>;

constexpr std::uint32_t mebibyte = 1u << 20;

std::string described(const Request& request) {
    std::string text(name_of(request.op));
    text += " " + std::string(request.key);
    if (request.op != Op::set && request.op != Op::cas) return text;
    text += " " + std::to_string(request.exptime_s);
    if (request.op == Op::cas) text += " " + std::to_string(request.version);
    // Long values by their length: failures are to be read.
    const bool is_long = request.value.size() > 100;
    return text + " = " +
           (is_long ? std::to_string(request.value.size()) + " bytes" : std::string(request.value));
}

// A server's side of a connection: keeps what was not consumed, and says what it understood:
// requests as described() has them, "ERR" and "ERR, close".
class Session {
  public:
    explicit Session(std::uint32_t max_value_bytes = mebibyte)
        : max_value_bytes_(max_value_bytes), parser_(max_value_bytes) {}

    void receive(std::string_view bytes) {
        buffer_ += bytes;
        while (!closed_) {
            const ParsedRequest parsed = parser_.next(buffer_);
            ASSERT_LE(parsed.consumed, buffer_.size());
            note(parsed);
            buffer_.erase(0, parsed.consumed);
            if (parsed.status == ParseStatus::need_more) break;
            ASSERT_GT(parsed.consumed, 0u);
        }
        if (closed_) return;
        ASSERT_LE(buffer_.size(), max_header_bytes + max_value_bytes_);
    }

    const Strings& understood() const { return understood_; }
    std::size_t kept() const { return buffer_.size(); }
    bool closed() const { return closed_; }

  private:
    void note(const ParsedRequest& parsed) {
        switch (parsed.status) {
            case ParseStatus::need_more:
                break;
            case ParseStatus::request:
                understood_.push_back(described(parsed.request));
                break;
            case ParseStatus::bad_command:
                understood_.push_back("ERR");
                break;
            case ParseStatus::bad_and_close:
                understood_.push_back("ERR, close");
                closed_ = true;
                break;
        }
    }

    std::uint32_t max_value_bytes_;
    RequestParser parser_;
    std::string buffer_;
    Strings understood_;
    bool closed_ = false;
};

Strings understood(std::string_view bytes, std::uint32_t max_value_bytes = mebibyte) {
    Session session(max_value_bytes);
    session.receive(bytes);
    return session.understood();
}

// Each command with something to trip over behind it.
const std::string long_dialogue =
    "set arun 10 15\r\nmy name is arun\r\n"
    "set arun 14 15\r\nmy name is babu\r\n"
    "cas arun 0 1000 4\r\nwowo\r\n"
    "getm arun\r\n\r\n"
    "getm arun asn\r\n"
    "set k 10 a100\r\n"
    "delete babu\r\n"
    "djsbkv\r\n"
    "\r\n \t \r\n\n"
    "set crlf 0 4\n\r\n\r\n\r\n"
    "set no-end 0 3\r\nabcget k\r\n"
    "set bad\x01key 0 7\r\nget k\r\nxx\r\n"
    "set too-long 0 40\r\n0123456789012345678901234567890123456789\r\n"
    "  \tget \t k2 \r\n"
    "cas k x 1 5\r\nget k\r\n"
    "delete last\n";

const Strings long_dialogue_understood = {
    "set arun 10 = my name is arun",
    "set arun 14 = my name is babu",
    "cas arun 0 1000 = wowo",
    "getm arun",
    "ERR",  // a field too many
    "ERR",  // numbytes is none
    "delete babu",
    "ERR",  // no such command
    "set crlf 0 = \r\n\r\n",
    "set no-end 0 = abc",
    "get k",
    "ERR",  // the key is bad; its value is swallowed, "get k" and all ...
    "ERR",  // ... but not the two x that were too many
    "ERR",  // over this session's limit of 32 bytes
    "get k2",
    "ERR",  // exptime is none, and "get k" is its value
    "delete last",
};
constexpr std::uint32_t long_dialogue_limit = 32;

TEST(RequestParser, UnderstandsADialogueInOnePiece) {
    EXPECT_EQ(understood(long_dialogue, long_dialogue_limit), long_dialogue_understood);
}

TEST(RequestParser, UnderstandsTheSameHoweverTheDialogueIsCutInTwo) {
    for (std::size_t cut = 0; cut <= long_dialogue.size(); ++cut) {
        Session session(long_dialogue_limit);
        session.receive(std::string_view(long_dialogue).substr(0, cut));
        session.receive(std::string_view(long_dialogue).substr(cut));
        ASSERT_EQ(session.understood(), long_dialogue_understood) << "cut at " << cut;
    }
}

TEST(RequestParser, UnderstandsTheSameHoweverTheDialogueIsCutInThree) {
    for (std::size_t first = 0; first <= long_dialogue.size(); ++first) {
        for (std::size_t second = first; second <= long_dialogue.size(); second += 3) {
            Session session(long_dialogue_limit);
            session.receive(std::string_view(long_dialogue).substr(0, first));
            session.receive(std::string_view(long_dialogue).substr(first, second - first));
            session.receive(std::string_view(long_dialogue).substr(second));
            ASSERT_EQ(session.understood(), long_dialogue_understood)
                << "cut at " << first << " and " << second;
        }
    }
}

TEST(RequestParser, UnderstandsTheSameByteByByte) {
    Session session(long_dialogue_limit);
    for (char c : long_dialogue) session.receive(std::string_view(&c, 1));
    EXPECT_EQ(session.understood(), long_dialogue_understood);
    EXPECT_EQ(session.kept(), 0u);
}

TEST(RequestParser, ActsWhenTheLastByteOfTheValueHasArrived) {
    Session session;
    session.receive("set k 0 3\r\nab");
    EXPECT_TRUE(session.understood().empty());
    session.receive("c");
    EXPECT_EQ(session.understood(), Strings{"set k 0 = abc"});
    session.receive("\r\n");
    session.receive("get k\r\n");
    EXPECT_EQ(session.understood(), (Strings{"set k 0 = abc", "get k"}));
}

TEST(RequestParser, TakesAValueByCountWhateverItsBytes) {
    const std::string value("\0\r\n get x\r\n\xff ", 13);
    const std::string request = "set k 0 13\r\n" + value + "\r\nget k\r\n";
    EXPECT_EQ(understood(request), (Strings{"set k 0 = " + value, "get k"}));
}

TEST(RequestParser, SkipsBlankLinesAndAnswersThemNothing) {
    EXPECT_EQ(understood("\r\n\n \t\r\n\t\n\r\n"), Strings{});
    EXPECT_EQ(understood("get a\r\n\r\n\r\nget b\r\n\r\n"), (Strings{"get a", "get b"}));
}

TEST(RequestParser, KeepsNothingOfBlankLines) {
    Session session;
    for (int i = 0; i < 10'000; ++i) session.receive("\r\n\n  \n");
    EXPECT_EQ(session.kept(), 0u);
}

TEST(RequestParser, DropsOneCarriageReturnBeforeTheLineEnd) {
    EXPECT_EQ(understood("get k\n"), Strings{"get k"});
    EXPECT_EQ(understood("get k\r\n"), Strings{"get k"});
    EXPECT_EQ(understood("get k\r\r\n"), Strings{"ERR"});  // the other belongs to the key
    EXPECT_EQ(understood("get k\rx\r\n"), Strings{"ERR"});
}

TEST(RequestParser, SeparatesFieldsByRunsOfSpacesAndTabs) {
    EXPECT_EQ(understood("\t set \t k\t\t7   2\t \r\nab\r\n"), Strings{"set k 7 = ab"});
    EXPECT_EQ(understood("get\vk\r\n"), Strings{"ERR"});
}

TEST(RequestParser, KnowsOnlyTheFiveCommandsInLowerCaseWithTheirFields) {
    for (const char* line : {"GET k",
                             "Get k",
                             "get",
                             "get k k",
                             "getm",
                             "getm k 1",
                             "delete",
                             "delete k 0",
                             "del k",
                             "gets k",
                             "set",
                             "set k",
                             "set k 0",
                             "set k 0 1 1",
                             "cas k 0 1",
                             "cas k 0 1 1 1",
                             "cas k 0 1 1 1 1 1 1",
                             "quit",
                             "\x01",
                             "set k 0 1 noreply",
                             "=",
                             "VALUE 1"}) {
        EXPECT_EQ(understood(std::string(line) + "\r\nget k\r\n"), (Strings{"ERR", "get k"}))
            << line;
    }
}

TEST(RequestParser, TakesKeysOfPrintableAsciiUpTo250Bytes) {
    std::string printable;
    for (char c = '!'; c <= '~'; ++c) printable += c;
    for (const std::string& key : {std::string("k"), printable, std::string(250, 'k')}) {
        EXPECT_EQ(understood("get " + key + "\r\n"), Strings{"get " + key});
    }
    for (const std::string& key :
         {std::string(251, 'k'), std::string("a\0b", 3), std::string("a\x7f"), std::string("\x1f"),
          std::string("caf\xc3\xa9"), std::string("\xff")}) {
        EXPECT_EQ(understood("get " + key + "\r\n"), Strings{"ERR"}) << key;
        EXPECT_FALSE(is_valid_key(key));
    }
    EXPECT_FALSE(is_valid_key(""));
    EXPECT_FALSE(is_valid_key("a b"));
}

struct ExptimeCase {
    const char* field;
    const char* understood;
};

TEST(RequestParser, TakesExptimeInWholeSecondsUpToTenYears) {
    for (const auto& [field, expected] :
         std::initializer_list<ExptimeCase>{{"0", "set k 0 = get a"},
                                            {"1", "set k 1 = get a"},
                                            {"007", "set k 7 = get a"},
                                            {"315360000", "set k 315360000 = get a"},
                                            {"315360001", "ERR"},
                                            {"4294967296", "ERR"},
                                            {"4294967297", "ERR"},
                                            {"18446744073709551616", "ERR"},
                                            {"-1", "ERR"},
                                            {"+1", "ERR"},
                                            {"1.5", "ERR"},
                                            {"1e3", "ERR"},
                                            {"0x10", "ERR"},
                                            {"10s", "ERR"},
                                            {"never", "ERR"}}) {
        // The value looks like a command: a bad header has it swallowed all the same.
        EXPECT_EQ(understood("set k " + std::string(field) + " 5\r\nget a\r\nget b\r\n"),
                  (Strings{expected, "get b"}))
            << field;
    }
}

TEST(RequestParser, TakesAnyUnsigned64BitVersion) {
    for (const auto& [field, expected] : std::initializer_list<ExptimeCase>{
             {"0", "cas k 0 0 = get a"},
             {"18446744073709551615", "cas k 0 18446744073709551615 = get a"},
             {"00000000000000000000000000000000000000001", "cas k 0 1 = get a"},
             {"18446744073709551616", "ERR"},
             {"-1", "ERR"},
             {"+1", "ERR"},
             {"1x", "ERR"}}) {
        EXPECT_EQ(understood("cas k 0 " + std::string(field) + " 5\r\nget a\r\nget b\r\n"),
                  (Strings{expected, "get b"}))
            << field;
    }
}

TEST(RequestParser, SwallowsNothingAfterANumbytesThatIsNone) {
    for (const char* field : {"0", "00", "-5", "+5", "5x", "x", "0x5", "5.0", "a100", "\x01"}) {
        EXPECT_EQ(understood("set k 0 " + std::string(field) + "\r\nget a\r\n"),
                  (Strings{"ERR", "get a"}))
            << field;
    }
}

TEST(RequestParser, SwallowsNothingAfterAWrongNumberOfFields) {
    EXPECT_EQ(understood("set k 0 5 5\r\nget a\r\n"), (Strings{"ERR", "get a"}));
    EXPECT_EQ(understood("set 0 5\r\nget a\r\n"), (Strings{"ERR", "get a"}));
}

TEST(RequestParser, TakesValuesUpToTheLimit) {
    const std::string value(mebibyte, 'v');
    EXPECT_EQ(understood("set k 0 1048576\r\n" + value + "\r\nget a\r\n"),
              (Strings{"set k 0 = 1048576 bytes", "get a"}));
}

TEST(RequestParser, SwallowsAValueOverTheLimitAndAnswersOnceAtItsEnd) {
    Session session;
    session.receive("set k 0 8388608\r\n");
    for (int i = 0; i < 127; ++i) session.receive(std::string(65536, '\n'));
    session.receive(std::string(65535, 'x'));
    EXPECT_EQ(session.understood(), Strings{});
    EXPECT_EQ(session.kept(), 0u);
    session.receive("x");
    EXPECT_EQ(session.understood(), Strings{"ERR"});
    session.receive("\r\nget a\r\n");
    EXPECT_EQ(session.understood(), (Strings{"ERR", "get a"}));
}

TEST(RequestParser, ClosesWhenAValueIsTooLongToSwallow) {
    for (const char* header :
         {"set k 0 8388609", "set k 0 4294967296", "set k 0 18446744073709551615",
          "set k 0 18446744073709551616", "set k 0 99999999999999999999999999999999999",
          "cas k 0 1 8388609", "set \x01 -1 8388609"}) {
        Session session;
        session.receive(std::string(header) + "\r\nget a\r\n");
        EXPECT_EQ(session.understood(), Strings{"ERR, close"}) << header;
    }
}

TEST(RequestParser, TakesAHeaderLineOf1024BytesWithItsEndAndClosesOnALongerOne) {
    const auto get = [](std::size_t line_bytes) {
        return "get" + std::string(line_bytes - 6, ' ') + "k\r\n";
    };
    EXPECT_EQ(understood(get(1024)), Strings{"get k"});
    EXPECT_EQ(understood(get(1025)), Strings{"ERR, close"});
    Session session;
    for (char c : get(1025)) session.receive(std::string_view(&c, 1));
    EXPECT_EQ(session.understood(), Strings{"ERR, close"});
}

TEST(RequestParser, ClosesOnALineWithoutEnd) {
    for (char c : {'a', ' ', '\r', '\0', '\xff'}) {
        Session session;
        session.receive(std::string(1023, c));
        EXPECT_EQ(session.understood(), Strings{});
        session.receive(std::string(1, c));
        EXPECT_EQ(session.understood(), Strings{"ERR, close"});
    }
}

TEST(RequestParser, DropsAnUnterminatedLastLine) {
    EXPECT_EQ(understood("get a\r\nget b"), Strings{"get a"});
}

// Bytes that look like the protocol more often than chance would have it.
std::string garbage(std::mt19937_64& random) {
    static const char* const pieces[] = {"set",  "get", "getm", "cas",  "delete",  " ",      "\t",
                                         "\r\n", "\n",  "\r",   "0",    "5",       "999",    "-1",
                                         "k",    "key", "\x01", "\xff", "8388608", "8388609"};
    std::string bytes;
    const std::size_t count = random() % 60;
    for (std::size_t i = 0; i < count; ++i) {
        if (random() % 8 == 0) {
            bytes += static_cast<char>(random());
        } else {
            bytes += pieces[random() % std::size(pieces)];
            if (random() % 2 == 0) bytes += ' ';
        }
    }
    return bytes;
}

TEST(RequestParser, UnderstandsGarbageTheSameInOnePieceAndInRandomPieces) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 20'000; ++round) {
        const std::string bytes = garbage(random);
        Session whole(16);
        whole.receive(bytes);
        Session pieces(16);
        for (std::size_t at = 0; at < bytes.size() && !pieces.closed();) {
            const std::size_t size = std::min<std::size_t>(1 + random() % 9, bytes.size() - at);
            pieces.receive(std::string_view(bytes).substr(at, size));
            at += size;
        }
        ASSERT_EQ(whole.understood(), pieces.understood()) << "round " << round;
    }
}

TEST(RequestParser, SurvivesRandomBytes) {
    std::mt19937_64 random(2);
    for (int round = 0; round < 300; ++round) {
        Session session;
        std::string bytes(random() % 4096, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        session.receive(bytes);
    }
}

TEST(RequestParser, AnHttpRequestEndsAtItsFirstLine) {
    const std::string body = "\r\nset http 0 4\r\ndone\r\ndelete victim\r\n";
    for (const std::string line :
         {"POST / HTTP/1.1", "GET /status HTTP/1.0", "OPTIONS * HTTP/1.1", "PRI * HTTP/2.0",
          "delete / HTTP/1.1", "set k 10 HTTP/1.1", "a b c d e f g HTTP/1.1 ", "HTTP/1.1",
          "Host: localhost:9000", "content-length: 40", "X-A:", "Set-Cookie:a=b"}) {
        EXPECT_EQ(understood(line + body), (Strings{"ERR, close"})) << line;
        EXPECT_EQ(understood("get a\r\n" + line + body), (Strings{"get a", "ERR, close"})) << line;
    }
}

TEST(RequestParser, OtherLinesThatAreWrongDoNotEndTheConnection) {
    for (const std::string line : {"djsbkv", "POST / HTTP/", "GET / HTTP/11", "GET / HTTP/1.1x",
                                   "get a:b c", ": b", "a b: c", "HTTP/1.", "set a:b x 1"})
        EXPECT_EQ(understood(line + "\r\n" + (line.starts_with("set") ? "v" : "") + "get k\r\n"),
                  (Strings{"ERR", "get k"}))
            << line;
    EXPECT_EQ(understood("get HTTP/1.1\r\nget a:b\r\nset HTTP/1.1 0 1\r\nv\r\n"),
              (Strings{"get HTTP/1.1", "get a:b", "set HTTP/1.1 0 = v"}));
}

}  // namespace
}  // namespace raftkv::protocol
