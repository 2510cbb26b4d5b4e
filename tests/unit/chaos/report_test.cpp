#include "cli/test/chaos/report.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/test/chaos/page.hpp"
#include "tests/unit/chaos/sample_report.hpp"

namespace raftkv::chaos {
namespace {

using nlohmann::json;

Report with(const std::vector<Outcome>& outcomes) {
    Report report;
    for (Outcome outcome : outcomes) report.checks.push_back({"a check", outcome, "why", 0});
    return report;
}

TEST(ExitCode, TellsAFailureFromWhatWasNotDecided) {
    EXPECT_EQ(with({Outcome::passed, Outcome::passed}).exit_code(), ExitCode::done);
    EXPECT_EQ(with({Outcome::passed, Outcome::failed}).exit_code(), ExitCode::failed);
    EXPECT_EQ(with({Outcome::passed, Outcome::undecided}).exit_code(), ExitCode::undecided);
    EXPECT_EQ(with({Outcome::undecided, Outcome::failed}).exit_code(), ExitCode::failed);
}

TEST(ExitCode, OfARunWithoutChecksIsNoPass) {
    EXPECT_EQ(with({}).exit_code(), ExitCode::undecided);
}

TEST(ExitCode, OfAnInterruptionComesFirst) {
    Report report = with({Outcome::failed});
    report.interrupted = true;
    EXPECT_EQ(report.exit_code(), ExitCode::interrupted);
}

TEST(Json, HasWhatThePageShows) {
    const json report = json::parse(as_json(sample_report()));
    EXPECT_EQ(report["verdict"], "passed");
    EXPECT_EQ(report["reason"], nullptr);
    EXPECT_EQ(report["seed"], 42);
    EXPECT_EQ(report["command"], "raftkv test chaos --seed 42 --seconds 10");
    EXPECT_EQ(report["length_ms"], 10'000);
    ASSERT_EQ(report["faults"].size(), 6u);
    const json& kill = report["faults"][0];
    EXPECT_EQ(kill["family"], "kill");
    EXPECT_EQ(kill["from_ms"], 2'000);
    EXPECT_EQ(kill["to_ms"], 2'900);
    EXPECT_EQ(kill["nodes"], json::array({0}));
    EXPECT_EQ(kill["served_after_ms"], 24.3);
    EXPECT_EQ(kill["takes_quorum"], false);
    EXPECT_EQ(report["faults"][5]["takes_quorum"], true);
    EXPECT_EQ(report["faults"][4]["problem"], "no node was well enough");
    EXPECT_EQ(report["roles"][0]["spans"][1][2], nullptr);
    EXPECT_EQ(report["roles"][1]["spans"][1][2], "candidate");
    ASSERT_EQ(report["unavailable_ms"].size(), 1u);
    EXPECT_EQ(report["series"]["reads"].size(), report["series"]["p99_ms"].size());
}

TEST(Json, OfAFailureGivesTheReasonAndTheFolder) {
    const json report = json::parse(as_json(failed_report()));
    EXPECT_EQ(report["verdict"], "failed");
    EXPECT_NE(report["reason"].get<std::string>().find("no order"), std::string::npos);
    EXPECT_EQ(report["folder"], "/tmp/raftkv-test-a1b2c3");
    EXPECT_EQ(report["checks"][0]["outcome"], "not run");
}

TEST(Json, OfARunThatNeverBeganIsWhole) {
    const json report = json::parse(as_json(Report{}));
    EXPECT_EQ(report["verdict"], "not run");
    EXPECT_TRUE(report["series"]["reads"].empty());
}

TEST(Json, IsOneLineWhateverIsInIt) {
    const std::string text = as_json(hostile_report());
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    EXPECT_TRUE(json::accept(text));
}

TEST(Text, SaysHowToRepeatWhatFailed) {
    const std::string text = as_text(failed_report());
    EXPECT_NE(text.find("FAILED"), std::string::npos);
    EXPECT_NE(text.find("        no order of the operations"), std::string::npos);
    EXPECT_NE(text.find("again: raftkv test chaos --seed 42"), std::string::npos);
    EXPECT_NE(text.find("/tmp/raftkv-test-a1b2c3"), std::string::npos);
    EXPECT_NE(text.find("only in part"), std::string::npos);
}

TEST(Text, TellsOneVerdictFromAnother) {
    EXPECT_NE(as_text(sample_report()).find("passed"), std::string::npos);
    EXPECT_NE(as_text(with({Outcome::undecided})).find("UNDECIDED"), std::string::npos);
    Report interrupted = with({});
    interrupted.interrupted = true;
    EXPECT_NE(as_text(interrupted).find("interrupted"), std::string::npos);
}

TEST(Page, LetsNoTextEndItsScript) {
    const std::string page = as_page(hostile_report());
    const std::size_t data = page.find("id=\"report\">");
    ASSERT_NE(data, std::string::npos);
    const std::size_t end = page.find("</script>", data);
    const std::string inside = page.substr(data + 12, end - data - 12);
    EXPECT_TRUE(json::accept(inside));
    EXPECT_EQ(inside.find('<'), std::string::npos);
}

TEST(Page, LoadsNothing) {
    const std::string page = as_page(sample_report());
    EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
    EXPECT_EQ(page.find("src=\"http"), std::string::npos);
    EXPECT_EQ(page.find("href=\"http"), std::string::npos);
}

TEST(Page, ThatCannotBeWrittenIsAnErrorThatNamesIt) {
    const auto written = write_page(sample_report(), "/no/such/folder/report.html");
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().kind, ErrorKind::io);
    EXPECT_NE(written.error().message.find("/no/such/folder/report.html"), std::string::npos);
}

}  // namespace
}  // namespace raftkv::chaos
