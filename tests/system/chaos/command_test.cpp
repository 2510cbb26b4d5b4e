// How a run behaves from outside.

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/system/test_scenarios/test_run.hpp"

namespace raftkv::test {
namespace {

namespace fs = std::filesystem;

// A file of this test that is gone when it ends.
class ReportFile {
  public:
    ReportFile() {
        std::string path = (fs::temp_directory_path() / "raftkv-report-XXXXXX").string();
        folder_ = mkdtemp(path.data());
    }
    ~ReportFile() {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }

    fs::path path() const { return folder_ / "report.html"; }
    std::string text() const {
        std::ifstream in(path(), std::ios::binary);
        std::ostringstream all;
        all << in.rdbuf();
        return all.str();
    }

  private:
    fs::path folder_;
};

TEST(CtrlC, EndsTheRunWith130AndLeavesNothing) {
    ReportFile report;
    TestRun run({"chaos", "--report", report.path().string()});
    ASSERT_TRUE(run.says("clients work")) << run.output();
    ASSERT_TRUE(run.says(" s: ")) << run.output();  // something went wrong already
    run.signal(SIGINT);
    EXPECT_EQ(run.exit_code(), 130) << run.output();
    EXPECT_NE(run.output().find("interrupted"), std::string::npos) << run.output();
    EXPECT_TRUE(run.leftovers().empty());
    EXPECT_EQ(run.node_processes(), 0u);
    EXPECT_NE(report.text().find(R"("verdict":"interrupted")"), std::string::npos);
}

TEST(KilledRun, LeavesNoNodeBehind) {
    TestRun run({"chaos", "--faults", "pause"});
    ASSERT_TRUE(run.says(": pause ")) << run.output();
    run.signal(SIGKILL);
    EXPECT_EQ(run.exit_code(), 128 + SIGKILL);
    EXPECT_TRUE(run.nodes_end());
}

TEST(Seed, RepeatsTheScheduleOfFaults) {
    const auto schedule = [] {
        TestRun run({"chaos", "--nodes", "3", "--clients", "2", "--seconds", "2", "--faults",
                     "kill,partition", "--seed", "99", "--json"});
        EXPECT_EQ(run.exit_code(), 0) << run.output();
        std::vector<std::string> kinds;
        const auto report = nlohmann::json::parse(run.last_line());
        for (const auto& fault : report["faults"]) kinds.push_back(fault["kind"]);
        return kinds;
    };
    const auto first = schedule();
    EXPECT_FALSE(first.empty());
    EXPECT_EQ(first, schedule());
}

TEST(Report, IsAPageWithTheJsonInIt) {
    ReportFile report;
    TestRun run({"chaos", "--nodes", "3", "--clients", "2", "--seconds", "1", "--faults", "kill",
                 "--report", report.path().string()});
    EXPECT_EQ(run.exit_code(), 0) << run.output();
    const std::string page = report.text();
    EXPECT_NE(run.output().find(report.path().string()), std::string::npos);
    const std::string mark = R"(<script type="application/json" id="report">)";
    const std::size_t from = page.find(mark);
    ASSERT_NE(from, std::string::npos);
    const std::size_t to = page.find("</script>", from);
    const auto data = nlohmann::json::parse(
        page.substr(from + mark.size(), to - from - mark.size()), nullptr, false);
    EXPECT_EQ(data["verdict"], "passed");
}

TEST(ReportFile, ThatCannotBeWrittenIsSaidBeforeTheRun) {
    TestRun run({"chaos", "--report", "/no/such/folder/report.html"});
    EXPECT_EQ(run.exit_code(), 74) << run.output();
    EXPECT_NE(run.output().find("cannot write /no/such/folder/report.html"), std::string::npos);
}

TEST(WrongUsage, IsExitCode64) {
    const std::vector<std::vector<std::string>> wrong = {{"--nodes", "2"},
                                                         {"--seconds", "0"},
                                                         {"--seconds", "x"},
                                                         {"--clients", "0"},
                                                         {"--seed", "-1"},
                                                         {"--faults", "kill,fire"},
                                                         {"--faults", ""},
                                                         {"--every", "1"},
                                                         {"--node-program", "/no/such"},
                                                         {"--unknown"},
                                                         {"--every", "99999999999999"}};
    for (std::vector<std::string> arguments : wrong) {
        arguments.insert(arguments.begin(), "chaos");
        TestRun run(arguments);
        EXPECT_EQ(run.exit_code(), 64) << arguments[1] << ": " << run.output();
        EXPECT_FALSE(run.output().empty());
    }
}

TEST(NodeProgram, ThatCannotRunIsAFailureThatNamesIt) {
    TestRun run({"chaos", "--node-program", "/etc/hostname", "--seconds", "1"});
    EXPECT_EQ(run.exit_code(), 1);
    EXPECT_NE(run.output().find("cannot start /etc/hostname"), std::string::npos) << run.output();
}

TEST(NodeProgram, ThatKnowsNoFaultsFailsTheRunAndSaysWhy) {
    TestRun run({"chaos", "--seconds", "2", "--faults", "partition"}, "sound");
    EXPECT_NE(run.exit_code(), 0) << run.output();
    EXPECT_EQ(run.output().find("passed"), std::string::npos) << run.output();
}

}  // namespace
}  // namespace raftkv::test
