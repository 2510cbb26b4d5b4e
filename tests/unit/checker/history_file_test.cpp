// Histories as files: what was written is read back, and what is no history is refused with the
// number of its line.

#include "cli/test/history/history_file.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/test/history/operation_text.hpp"
#include "tests/unit/checker/big_history.hpp"
#include "tests/unit/test_scenarios/history_builder.hpp"

namespace raftkv::test {
namespace {

std::string file_of(const History& history) {
    std::ostringstream out;
    write_history(out, history);
    return out.str();
}

Result<History> read(const std::string& text) {
    std::istringstream in(text);
    return read_history(in);
}

bool same(const Operation& a, const Operation& b) {
    return a.client == b.client && a.op == b.op && a.key == b.key &&
           a.fingerprint == b.fingerprint && a.exptime_s == b.exptime_s &&
           a.expected == b.expected && a.version == b.version && a.outcome == b.outcome &&
           a.start == b.start && a.end == b.end;
}

// A good line, to be spoilt.
const std::string good =
    R"({"client":3,"op":"cas","key":"k","value_hash":"00ff","exptime":5,"expected":12,)"
    R"("outcome":"ok","version":15,"start_ns":10,"end_ns":20})";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const std::size_t place = text.find(what);
    EXPECT_NE(place, std::string::npos) << what;
    return text.replace(place, what.size(), with);
}

TEST(HistoryFile, IsReadAsItWasWritten) {
    History history = correct_big_history({3000, 20, 8, 10}, 1);
    const auto back = read(file_of(history));
    ASSERT_TRUE(back.ok()) << back.error().message;
    std::stable_sort(history.begin(), history.end(),
                     [](const Operation& a, const Operation& b) { return a.start < b.start; });
    ASSERT_EQ(back->size(), history.size());
    const auto shift = history.front().start - Instant();
    for (std::size_t i = 0; i < history.size(); ++i) {
        Operation expected = history[i];
        expected.start -= shift;
        expected.end -= shift;
        // What says nothing is not kept.
        const bool has_value = expected.puts() || expected.outcome == Outcome::ok;
        if (!has_value || expected.op == protocol::Op::del) expected.fingerprint = 0;
        ASSERT_TRUE(same(expected, (*back)[i])) << line_of(expected, Instant()) << "\n"
                                                << line_of((*back)[i], Instant());
    }
}

TEST(HistoryFile, HasALineForEachOperation) {
    HistoryBuilder h;
    h.set("k", "one").by(1).expires_after(5).ok(2);
    h.getm("k", "one").by(2).expires_after(5).ok(2);
    h.cas("k", 2, "two").by(1).unknown();
    h.del("k").by(2).absent();
    h.get("k").by(2).absent();
    h.set("k", "two").by(3).not_done();
    h.set("k", "two").by(3).conflict();
    EXPECT_EQ(
        file_of(h.history),
        R"({"client":1,"op":"set","key":"k","value_hash":"911faba7321fe1a0","exptime":5,"outcome":"ok","version":2,"start_ns":0,"end_ns":1000000}
{"client":2,"op":"getm","key":"k","value_hash":"911faba7321fe1a0","exptime":5,"outcome":"ok","version":2,"start_ns":2000000,"end_ns":3000000}
{"client":1,"op":"cas","key":"k","value_hash":"6c0560bdcb29998b","exptime":0,"expected":2,"outcome":"unknown","start_ns":4000000,"end_ns":5000000}
{"client":2,"op":"delete","key":"k","outcome":"not_found","start_ns":6000000,"end_ns":7000000}
{"client":2,"op":"get","key":"k","outcome":"not_found","start_ns":8000000,"end_ns":9000000}
{"client":3,"op":"set","key":"k","value_hash":"6c0560bdcb29998b","exptime":0,"outcome":"not_done","start_ns":10000000,"end_ns":11000000}
{"client":3,"op":"set","key":"k","value_hash":"6c0560bdcb29998b","exptime":0,"outcome":"conflict","start_ns":12000000,"end_ns":13000000}
)");
}

TEST(HistoryFile, MayBeWrittenByHand) {
    const auto history = read(
        R"(
{"op": "set", "key": "k", "value": "one", "outcome": "ok", "version": 2, "start_ns": 0, "end_ns": 5}

  {"op": "delete", "key": "k", "outcome": "unknown", "start_ns": 7}  )"
        "\r\n"
        R"({"op": "get", "key": "k", "value": "one", "outcome": "ok", "start_ns": 8, "end_ns": 9})");
    ASSERT_TRUE(history.ok()) << history.error().message;
    ASSERT_EQ(history->size(), 3u);
    EXPECT_EQ(history->front().fingerprint, fingerprint_of("one"));
    EXPECT_EQ((*history)[1].outcome, Outcome::unknown);
    EXPECT_EQ((*history)[2].end, Instant(std::chrono::nanoseconds(9)));
}

TEST(HistoryFile, MayBeEmpty) {
    EXPECT_TRUE(read("").ok());
    EXPECT_TRUE(read("\n \r\n\t").ok());
}

struct Spoilt {
    std::string line;
    std::string complaint;
};

std::vector<Spoilt> spoilt_lines() {
    const std::string deep(10'000, '[');
    return {
        {"x", "not a JSON object"},
        {"[]", "not a JSON object"},
        {"null", "not a JSON object"},
        {deep, "not a JSON object"},
        {good.substr(0, good.size() - 1), "not a JSON object"},
        {good + "}", "not a JSON object"},
        {std::string("{\0}", 3), "not a JSON object"},
        {"{\"op\":\"\xff\xfe\"}", "not a JSON object"},
        {std::string(17'000, ' ') + good, "longer than 16384 bytes"},
        {"{}", "\"op\" is missing"},
        {replaced(good, "\"client\"", "\"cleint\""), "unknown field \"cleint\""},
        {replaced(good, "3", "-3"), "\"client\" is no whole number from 0 to 4294967295"},
        {replaced(good, "3", "4294967296"), "\"client\" is no whole number"},
        {replaced(good, "\"cas\"", "\"incr\""), "\"op\" is \"incr\""},
        {replaced(good, "\"cas\"", "7"), "\"op\" is no string"},
        {replaced(good, "\"k\"", "\"\""), "\"key\" is not 1 to 250"},
        {replaced(good, "\"k\"", "\"a b\""), "\"key\" is not 1 to 250"},
        {replaced(good, "\"k\"", "\"" + std::string(251, 'k') + "\""), "\"key\" is not 1 to 250"},
        {replaced(good, "\"00ff\"", "\"00fg\""), "\"value_hash\" is no number"},
        {replaced(good, "\"00ff\"", "\"\""), "\"value_hash\" is no number"},
        {replaced(good, "\"00ff\"", "\"1234567890abcdef0\""), "\"value_hash\" is no number"},
        {replaced(good, "\"value_hash\":\"00ff\",", ""),
         "\"value_hash\" (or \"value\") is missing"},
        {replaced(good, "\"exptime\":5", "\"exptime\":1.5"), "\"exptime\" is no whole number"},
        {replaced(good, "\"exptime\":5", "\"exptime\":315360001"), "from 0 to 315360000"},
        {replaced(good, "\"expected\":12,", ""), "\"expected\" is missing"},
        {replaced(good, "\"ok\"", "\"fine\""), "\"outcome\" is \"fine\""},
        {replaced(good, "\"version\":15,", ""), "\"version\" is missing"},
        {replaced(good, "\"version\":15", "\"version\":0"),
         "\"version\" is no whole number from 1"},
        {replaced(good, "\"version\":15", "\"version\":18446744073709551616"), "\"version\" is no"},
        {replaced(good, "\"version\":15", "\"version\":null"), "\"version\" is no whole number"},
        {replaced(good, "\"end_ns\":20", "\"end_ns\":9"), "\"end_ns\" is before \"start_ns\""},
        {replaced(good, "\"end_ns\":20", "\"end_ns\":9223372036854775807"), "\"end_ns\" is no"},
        {replaced(good, ",\"end_ns\":20", ""), "\"end_ns\" is missing"},
        {R"({"op":"set","key":"k","value":"v","outcome":"not_found","start_ns":0,"end_ns":1})",
         "a set is never answered not_found"},
        {R"({"op":"delete","key":"k","outcome":"conflict","start_ns":0,"end_ns":1})",
         "a delete is never answered conflict"},
        {R"({"op":"get","key":"k","outcome":"conflict","start_ns":0,"end_ns":1})",
         "a get is never answered conflict"},
    };
}

TEST(HistoryFile, OfAnythingElseIsRefusedWithTheNumberOfTheLine) {
    ASSERT_TRUE(read(good).ok());
    for (const Spoilt& spoilt : spoilt_lines()) {
        const auto history = read(good + "\n\n" + spoilt.line + "\n" + good + "\n");
        ASSERT_FALSE(history.ok()) << spoilt.line;
        EXPECT_EQ(history.error().kind, ErrorKind::corrupt);
        EXPECT_EQ(history.error().message.rfind("line 3: ", 0), 0u) << history.error().message;
        EXPECT_NE(history.error().message.find(spoilt.complaint), std::string::npos)
            << history.error().message << "\nnot: " << spoilt.complaint;
    }
}

TEST(HistoryFile, CutOrSpoiltAnywhereIsReadOrRefusedAndNothingElse) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 5000; ++round) {
        std::string text = good;
        const std::size_t place = random() % text.size();
        if (round % 2 == 0) text[place] = static_cast<char>(random());
        if (round % 2 == 1) text.resize(place);
        const auto history = read(text);
        EXPECT_TRUE(history.ok() || history.error().message.rfind("line ", 0) == 0);
    }
}

TEST(HistoryFile, ThatIsNotThereIsAnError) {
    const auto history = read_history_file("/no/such/file");
    ASSERT_FALSE(history.ok());
    EXPECT_EQ(history.error().kind, ErrorKind::io);
    EXPECT_EQ(history.error().message, "reading /no/such/file: No such file or directory");
    EXPECT_FALSE(read_history_file("/tmp").ok());
    EXPECT_FALSE(write_history_file("/no/such/folder/history.jsonl", {}).ok());
}

}  // namespace
}  // namespace raftkv::test
