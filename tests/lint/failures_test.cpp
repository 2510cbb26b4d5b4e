#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

// The table of failures in tests/README.md must not promise a test that is not there.

namespace raftkv::lint {
namespace {

namespace fs = std::filesystem;

constexpr int failures = 79;

std::string read(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Row {
    int number = 0;
    std::string tests;
    std::vector<std::string> quoted;  // of the tests, in their order
    std::vector<std::string> faults;  // of the simulator
};

std::vector<std::string> quoted_words(const std::string& cell) {
    static const std::regex quoted("`([^`]+)`");
    std::vector<std::string> words;
    for (std::sregex_iterator i(cell.begin(), cell.end(), quoted), end; i != end; ++i) {
        words.push_back((*i)[1]);
    }
    return words;
}

std::vector<Row> rows() {
    static const std::regex pattern(R"(\| (\d+) \| ([^|]+) \| ([^|]+) \|([^|]*)\|)");
    std::istringstream lines(read(fs::path(RAFTKV_SOURCE_DIR) / "tests/README.md"));
    std::vector<Row> found;
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (std::regex_match(line, match, pattern)) {
            found.push_back(
                {std::stoi(match[1]), match[3], quoted_words(match[3]), quoted_words(match[4])});
        }
    }
    return found;
}

bool defines(const std::string& source, const std::string& test) {
    const std::size_t dot = test.find('.');
    const std::regex definition("TEST(_F|_P)?\\(\\s*" + test.substr(0, dot) + ",\\s*" +
                                test.substr(dot + 1) + "\\)");
    return std::regex_search(source, definition);
}

TEST(TableOfFailures, names_tests_that_exist) {
    int number = 0;
    for (const Row& row : rows()) {
        SCOPED_TRACE(testing::Message() << "row " << row.number);
        EXPECT_EQ(row.number, ++number);
        EXPECT_TRUE(!row.quoted.empty() || !row.faults.empty() || row.tests == "not applicable");
        std::string source;
        for (const std::string& word : row.quoted) {
            if (word.ends_with(".cpp")) {
                source = read(fs::path(RAFTKV_SOURCE_DIR) / "tests" / word);
                EXPECT_FALSE(source.empty()) << "there is no " << word;
            } else {
                EXPECT_TRUE(defines(source, word)) << "there is no " << word;
            }
        }
    }
    EXPECT_EQ(number, failures);
}

TEST(TableOfFailures, names_faults_that_the_simulator_has) {
    const std::string plan = read(fs::path(RAFTKV_SOURCE_DIR) / "cli/test/simulation/plan.cpp");
    for (const Row& row : rows()) {
        for (const std::string& fault : row.faults) {
            EXPECT_NE(plan.find("\"" + fault + "\""), std::string::npos)
                << "row " << row.number << ": " << fault;
        }
    }
}

}  // namespace
}  // namespace raftkv::lint
