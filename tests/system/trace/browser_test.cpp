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
#include "cli/test/trace/html.hpp"
#include "tests/unit/trace/sample_traces.hpp"

// The page in a real browser. drive.js does what a person would do and says what went wrong.

namespace raftkv::trace {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> find_browser() {
    const char* path = std::getenv("PATH");
    for (std::string_view name : {"chromium", "chromium-browser", "google-chrome"}) {
        std::istringstream folders(path == nullptr ? "" : path);
        for (std::string folder; std::getline(folders, folder, ':');) {
            if (fs::exists(fs::path(folder) / name)) {
                return fs::path(folder) / name;
            }
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

class TraceInBrowser : public testing::Test {
  protected:
    void SetUp() override {
        browser_ = find_browser();
        if (!browser_) {
            GTEST_SKIP() << "no chromium here (Debian: apt install chromium)";
        }
        std::string path = (fs::temp_directory_path() / "raftkv-trace-XXXXXX").string();
        folder_ = mkdtemp(path.data());
    }

    void TearDown() override {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }

    // Opens the page from a file, drives it, and returns what the driver said about it.
    std::string driven(const Trace& trace, const std::string& scenario) {
        std::ofstream(folder_ / "page.html")
            << to_html(trace) << "<script>" << contents(RAFTKV_TRACE_DRIVER)
            << "document.documentElement.dataset.scenario = '" << scenario
            << "'; drive();</script>";
        auto process = cli::ChildProcess::start(
            {.program = *browser_,
             .arguments = {"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                           "--disable-dev-shm-usage", "--disable-background-networking",
                           "--user-data-dir=" + (folder_ / "profile").string(),
                           "--window-size=1400,900", "--virtual-time-budget=20000", "--dump-dom",
                           "file://" + (folder_ / "page.html").string()},
             .output_file = folder_ / "output",
             .working_folder = {}});
        if (!process) {
            return process.error().message;
        }
        bool ended = process.value().wait_for(std::chrono::seconds(50)).has_value();
        std::string output = contents(folder_ / "output");
        std::size_t start = output.find("<pre id=\"said\">");
        EXPECT_TRUE(ended) << "the browser is still running";
        return start == std::string::npos ? output.substr(0, 2000) : output.substr(start);
    }

    void expect_fine(const Trace& trace, const std::string& scenario) {
        std::string said = driven(trace, scenario);
        EXPECT_NE(said.find("end of the list"), std::string::npos) << "the driver did not end";
        EXPECT_EQ(said.find("WRONG"), std::string::npos) << said;
        EXPECT_NE(said.find("fine: nothing was loaded"), std::string::npos) << said;
    }

    std::optional<fs::path> browser_;
    fs::path folder_;
};

TEST_F(TraceInBrowser, an_incident_can_be_looked_into) {
    expect_fine(incident(), "incident");
}

TEST_F(TraceInBrowser, hostile_text_stays_text) {
    expect_fine(hostile_run(), "hostile");
}

TEST_F(TraceInBrowser, an_empty_run_breaks_nothing) {
    expect_fine(empty_run(), "empty");
}

TEST_F(TraceInBrowser, two_hundred_thousand_events_can_be_looked_at) {
    expect_fine(long_run(200'000), "large");
}

}  // namespace
}  // namespace raftkv::trace
