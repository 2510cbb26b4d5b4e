#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "cli/cluster/child_process.hpp"
#include "cli/test/chaos/page.hpp"
#include "tests/unit/chaos/sample_report.hpp"

// The report's page in a real browser. drive.js does what a person would do and says what went
// wrong.

namespace raftkv::chaos {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> find_browser() {
    const char* path = std::getenv("PATH");
    for (std::string_view name : {"chromium", "chromium-browser", "google-chrome"}) {
        std::istringstream folders(path == nullptr ? "" : path);
        for (std::string folder; std::getline(folders, folder, ':');) {
            if (fs::exists(fs::path(folder) / name)) return fs::path(folder) / name;
        }
    }
    return std::nullopt;
}

std::string contents(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

class ReportInBrowser : public testing::Test {
  protected:
    void SetUp() override {
        browser_ = find_browser();
        if (!browser_) GTEST_SKIP() << "no chromium here (Debian: apt install chromium)";
        std::string path = (fs::temp_directory_path() / "raftkv-page-XXXXXX").string();
        folder_ = mkdtemp(path.data());
    }

    void TearDown() override {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }

    // Opens the page from a file, drives it, and returns what the driver said about it.
    std::string driven(const Report& report, const std::string& scenario) {
        // What goes wrong while the page builds itself is heard, too.
        std::string page = as_page(report);
        const std::string head = "<head>";
        page.insert(page.find(head) + head.size(),
                    "<script>var wrongs = []; onerror = (text) => { wrongs.push(text); };"
                    "</script>");
        std::ofstream(folder_ / "page.html") << page << "<script>" << contents(RAFTKV_CHAOS_DRIVER)
                                             << "drive('" << scenario << "');</script>";
        auto process = cli::ChildProcess::start(
            {.program = *browser_,
             .arguments = {"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                           "--disable-dev-shm-usage", "--disable-background-networking",
                           "--user-data-dir=" + (folder_ / "profile").string(),
                           "--window-size=1280,1000", "--virtual-time-budget=5000", "--dump-dom",
                           "file://" + (folder_ / "page.html").string()},
             .output_file = folder_ / "output",
             .working_folder = {}});
        if (!process) return process.error().message;
        EXPECT_TRUE(process->wait_for(std::chrono::seconds(50)).has_value())
            << "the browser is still running";
        const std::string output = contents(folder_ / "output");
        const std::size_t start = output.find("<pre id=\"said\">");
        return start == std::string::npos ? output.substr(0, 2000) : output.substr(start);
    }

    void expect_fine(const Report& report, const std::string& scenario) {
        const std::string said = driven(report, scenario);
        EXPECT_NE(said.find("end of the list"), std::string::npos) << said;
        EXPECT_EQ(said.find("WRONG"), std::string::npos) << said;
    }

    std::optional<fs::path> browser_;
    fs::path folder_;
};

TEST_F(ReportInBrowser, OfARunThatPassedCanBeLookedInto) {
    expect_fine(sample_report(), "passed");
}

TEST_F(ReportInBrowser, OfAFailureSaysWhyFirst) {
    expect_fine(failed_report(), "failed");
}

TEST_F(ReportInBrowser, OfARunThatNeverBeganBreaksNothing) {
    expect_fine(Report{}, "empty");
}

TEST_F(ReportInBrowser, WithHostileTextStaysText) {
    expect_fine(hostile_report(), "hostile");
}

}  // namespace
}  // namespace raftkv::chaos
