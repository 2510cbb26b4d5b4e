#include "tests/system/browser/browser.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include "cli/cluster/child_process.hpp"

namespace raftkv::system_test {

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

}  // namespace

void BrowserTest::SetUp() {
    browser_ = find_browser();
    if (!browser_) GTEST_SKIP() << "no chromium here (Debian: apt install chromium)";
    std::string path = (fs::temp_directory_path() / "raftkv-page-XXXXXX").string();
    folder_ = mkdtemp(path.data());
}

void BrowserTest::TearDown() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

std::string BrowserTest::contents(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string BrowserTest::said_about(const std::string& page) {
    std::ofstream(folder_ / "page.html") << page;
    auto process = cli::ChildProcess::start(
        {.program = *browser_,
         .arguments = {"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                       "--disable-dev-shm-usage", "--disable-background-networking",
                       "--user-data-dir=" + (folder_ / "profile").string(),
                       "--window-size=1400,900", "--virtual-time-budget=20000", "--dump-dom",
                       "file://" + (folder_ / "page.html").string()},
         .output_file = folder_ / "output",
         .working_folder = {}});
    if (!process) return process.error().message;
    EXPECT_TRUE(process->wait_for(std::chrono::seconds(50))) << "the browser is still running";
    const std::string output = contents(folder_ / "output");
    const std::size_t start = output.find("<pre id=\"said\">");
    return start == std::string::npos ? output.substr(0, 2000) : output.substr(start);
}

}  // namespace raftkv::system_test
