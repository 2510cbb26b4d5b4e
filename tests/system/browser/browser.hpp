#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>

// A page in a real browser. A driver, a script that the test adds to the page, does there what a
// person would do, and leaves what it has to say in <pre id="said">.

namespace raftkv::system_test {

// Skips its tests where there is no browser. Everything lies in a temporary folder.
class BrowserTest : public testing::Test {
  protected:
    void SetUp() override;
    void TearDown() override;

    // What the driver said about the page, or what came instead.
    std::string said_about(const std::string& page);
    static std::string contents(const std::filesystem::path& file);

  private:
    std::optional<std::filesystem::path> browser_;
    std::filesystem::path folder_;
};

}  // namespace raftkv::system_test
