// `raftkv test check` as people meet it: files in, text, JSON and exit codes out.

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/system/test_scenarios/test_run.hpp"

namespace raftkv::test {
namespace {

// A file of a temporary folder, removed at the end.
class HistoryFile {
  public:
    explicit HistoryFile(const std::string& text) {
        std::string path =
            (std::filesystem::temp_directory_path() / "raftkv-history-XXXXXX").string();
        folder_ = mkdtemp(path.data());
        std::ofstream(file()) << text;
    }
    ~HistoryFile() { std::filesystem::remove_all(folder_); }

    std::string file() const { return (folder_ / "history.jsonl").string(); }

  private:
    std::filesystem::path folder_;
};

const std::string written =
    R"({"op":"set","key":"k","value":"one","outcome":"ok","version":2,"start_ns":0,"end_ns":5})"
    "\n";
const std::string found =
    R"({"op":"get","key":"k","value":"one","outcome":"ok","start_ns":6,"end_ns":7})"
    "\n";
const std::string lost =
    R"({"client":4,"op":"get","key":"k","outcome":"not_found","start_ns":6,"end_ns":7})"
    "\n";

TEST(CheckCommand, PassesALinearizableHistory) {
    const HistoryFile history(written + found);
    TestRun run({"check", history.file()});
    EXPECT_EQ(run.exit_code(), 0);
    EXPECT_NE(run.output().find("linearizable: 2 operations on 1 keys"), std::string::npos)
        << run.output();
}

TEST(CheckCommand, ShowsWhatContradictsEachOther) {
    const HistoryFile history(written + lost);
    TestRun run({"check", history.file()});
    EXPECT_EQ(run.exit_code(), 1);
    EXPECT_NE(run.output().find("NOT LINEARIZABLE: 2 operations"), std::string::npos)
        << run.output();
    EXPECT_NE(run.output().find("client 4     get k"), std::string::npos) << run.output();
}

TEST(CheckCommand, AnswersPrograms) {
    const HistoryFile history(written + lost);
    TestRun run({"check", history.file(), "--json"});
    EXPECT_EQ(run.exit_code(), 1);
    const auto answer = nlohmann::json::parse(run.output());
    EXPECT_EQ(answer.at("outcome"), "not linearizable");
    EXPECT_EQ(answer.at("key"), "k");
    EXPECT_EQ(answer.at("operations"), 2);
    EXPECT_FALSE(answer.at("explanation").get<std::string>().empty());
}

TEST(CheckCommand, EndsWith2WhenItCannotDecide) {
    const HistoryFile history(written + found);
    TestRun run({"check", history.file(), "--steps", "1"});
    EXPECT_EQ(run.exit_code(), 2);
    EXPECT_NE(run.output().find("UNDECIDED"), std::string::npos) << run.output();
    EXPECT_NE(run.output().find("--steps and --memory"), std::string::npos) << run.output();
}

TEST(CheckCommand, RefusesADamagedHistory) {
    const HistoryFile history(written + "{}\n");
    TestRun run({"check", history.file()});
    EXPECT_EQ(run.exit_code(), 65);
    EXPECT_EQ(run.output(), history.file() + ": line 2: \"op\" is missing\n");
}

TEST(CheckCommand, RefusesWrongUsage) {
    const HistoryFile history(written);
    const std::vector<std::vector<std::string>> wrong = {
        {"check"},
        {"check", "/no/such/file"},
        {"check", "/tmp"},
        {"check", history.file(), "--steps", "0"},
        {"check", history.file(), "--memory", "0"},
        {"check", history.file(), "--memory", "99999999999"},
        {"check", history.file(), "--clock-lag", "-1"},
        {"check", history.file(), "more"},
    };
    for (const auto& arguments : wrong) {
        TestRun run(arguments);
        EXPECT_EQ(run.exit_code(), 64) << run.output();
        EXPECT_FALSE(run.output().empty());
    }
}

TEST(KeptScenario, LeavesAHistoryThatCanBeChecked) {
    TestRun stress({"stress", "--nodes", "3", "--clients", "4", "--seconds", "2", "--keep"});
    ASSERT_EQ(stress.exit_code(), 0) << stress.output();
    ASSERT_EQ(stress.leftovers().size(), 1u);
    TestRun check({"check", (stress.leftovers().front() / "history.jsonl").string(), "--json"});
    EXPECT_EQ(check.exit_code(), 0) << check.output();
    const auto answer = nlohmann::json::parse(check.output());
    EXPECT_EQ(answer.at("outcome"), "linearizable");
    EXPECT_GT(answer.at("operations"), 100);
}

}  // namespace
}  // namespace raftkv::test
