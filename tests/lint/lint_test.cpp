#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "tests/lint/rules.hpp"
#include "tests/lint/source_file.hpp"

namespace raftkv::lint {

void PrintTo(const NamedRule& rule, std::ostream* out) {
    *out << rule.name;
}

namespace {

const std::filesystem::path& root() {
    static const std::filesystem::path folder = RAFTKV_SOURCE_DIR;
    return folder;
}

const std::vector<SourceFile>& tree() {
    static const std::vector<SourceFile> files = read_tree(root());
    return files;
}

const Exception* exception_for(std::string_view rule, const SourceFile& file,
                               const Finding& found) {
    for (const Exception& exception : exceptions()) {
        if (exception.rule == rule && exception.path == file.path &&
            file.lines.at(found.line - 1).find(exception.code) != std::string::npos) {
            return &exception;
        }
    }
    return nullptr;
}

class House : public testing::TestWithParam<NamedRule> {};

TEST_P(House, rule_is_kept) {
    for (const SourceFile& file : tree()) {
        for (const Finding& found : GetParam().check(file)) {
            if (exception_for(GetParam().name, file, found) == nullptr) {
                ADD_FAILURE_AT((root() / found.path).c_str(), static_cast<int>(found.line))
                    << found.path << ":" << found.line << ": " << found.message;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Lint, House, testing::ValuesIn(all_rules()), [](const auto& rule) {
    std::string name(rule.param.name);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

TEST(Lint, every_exception_still_excuses_something_and_says_why) {
    std::set<const Exception*> used;
    for (const NamedRule& rule : all_rules()) {
        for (const SourceFile& file : tree()) {
            for (const Finding& found : rule.check(file)) {
                used.insert(exception_for(rule.name, file, found));
            }
        }
    }
    for (const Exception& exception : exceptions()) {
        EXPECT_TRUE(used.contains(&exception)) << exception.rule << " in " << exception.path;
        EXPECT_GT(exception.reason.size(), 20u) << exception.path;
    }
}

TEST(Lint, every_folder_of_the_program_says_what_it_is) {
    std::set<std::filesystem::path> folders;
    for (const SourceFile& file : tree()) {
        if (file.is_cpp() && !file.is_under("tests")) {
            folders.insert(std::filesystem::path(file.path).parent_path());
        }
    }
    for (const std::filesystem::path& folder : folders) {
        // A part's subfolders are explained by the part.
        bool explained = std::filesystem::exists(root() / folder / "README.md") ||
                         std::filesystem::exists(root() / folder.parent_path() / "README.md");
        EXPECT_TRUE(explained) << folder << " has no README.md";
    }
}

// The lint itself: each of these must be found, and its decent twin must not.

std::size_t findings(Rule rule, const std::string& path, const std::string& text) {
    return rule(make_source_file(path, text)).size();
}

TEST(LintItself, finds_an_include_against_the_arrows) {
    EXPECT_EQ(findings(check_project_includes, "common/a.cpp", "#include \"node/raft/types.hpp\""),
              1u);
    EXPECT_EQ(findings(check_project_includes, "node/kv/a.cpp", "#include \"node/raft/role.hpp\""),
              1u);
    EXPECT_EQ(findings(check_project_includes, "cli/test/a.cpp", "#include \"node/kv/store.hpp\""),
              1u);
    EXPECT_EQ(findings(check_project_includes, "cli/main.cpp", "#include \"cli/test/stress.hpp\""),
              1u);
    EXPECT_EQ(findings(check_project_includes, "elsewhere/a.cpp", ""), 1u);
    EXPECT_EQ(findings(check_project_includes, "node/kv/a.cpp", "#include \"node/kv/store.hpp\""),
              0u);
    EXPECT_EQ(
        findings(check_project_includes, "node/server/a.cpp", "#include \"node/kv/store.hpp\""),
        0u);
    EXPECT_EQ(findings(check_project_includes, "common/a.cpp", "// #include \"node/a.hpp\""), 0u);
}

TEST(LintItself, finds_a_library_where_it_has_no_place) {
    EXPECT_EQ(findings(check_library_includes, "cli/a.hpp", "#include <nlohmann/json.hpp>"), 1u);
    EXPECT_EQ(findings(check_library_includes, "cli/a.cpp", "#include <nlohmann/json.hpp>"), 0u);
    EXPECT_EQ(findings(check_library_includes, "node/raft/a.cpp", "#include <thread>"), 1u);
    EXPECT_EQ(findings(check_library_includes, "node/raft/a.cpp", "#include <threads_of_fate>"),
              0u);
    EXPECT_EQ(findings(check_library_includes, "node/replica/a.cpp", "#include <boost/asio.hpp>"),
              1u);
    EXPECT_EQ(findings(check_library_includes, "node/server/a.cpp", "#include <boost/asio.hpp>"),
              0u);
    EXPECT_EQ(findings(check_library_includes, "cli/test/a.cpp", "#include <boost/process/v2.hpp>"),
              1u);
    EXPECT_EQ(findings(check_library_includes, "node/kv/a.cpp", "#include <gtest/gtest.h>"), 1u);
}

std::string lines(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += "    work();\n";
    }
    return text;
}

TEST(LintItself, finds_a_function_longer_than_a_screen) {
    auto check = [](const std::string& text) {
        return findings(check_function_lengths, "node/a.cpp", text);
    };
    EXPECT_EQ(check("void f() {\n" + lines(69) + "}\n"), 1u);
    EXPECT_EQ(check("void f() {\n" + lines(68) + "}\n"), 0u);
    EXPECT_EQ(check("namespace a {\nclass B {\n  public:\n    B() : x_{1} {\n" + lines(80) +
                    "}\n};\n}\n"),
              1u);
    EXPECT_EQ(check("TEST(A, b) {\n  auto f = [] {\n" + lines(80) + "  };\n}\n"), 1u);
    EXPECT_EQ(check("struct A {\n" + lines(99) + "};\n"), 0u);
    EXPECT_EQ(check("const char* const brace = \"{\";\nvoid f() {\n" + lines(10) + "}\n"), 0u);
    EXPECT_EQ(check("const char quote = '\"';\nvoid f() {\n" + lines(90) + "}\n"), 1u);
}

TEST(LintItself, finds_a_file_that_is_too_long) {
    EXPECT_EQ(findings(check_file_length, "node/a.cpp", lines(501)), 1u);
    EXPECT_EQ(findings(check_file_length, "node/a.cpp", lines(500)), 0u);
    EXPECT_EQ(findings(check_file_length, "tests/a.cpp", lines(801)), 1u);
}

TEST(LintItself, finds_a_header_without_its_guard) {
    EXPECT_EQ(findings(check_pragma_once, "node/a.hpp", "#include <string>\n"), 1u);
    EXPECT_EQ(findings(check_pragma_once, "node/a.hpp", "#pragma once\n"), 0u);
    EXPECT_EQ(findings(check_pragma_once, "node/a.cpp", "#include <string>\n"), 0u);
}

TEST(LintItself, finds_banned_words) {
    auto check = [](const std::string& path, const std::string& text) {
        return findings(check_banned_words, path, text);
    };
    EXPECT_EQ(check("cli/a.cpp", "int n = std::rand();"), 1u);
    EXPECT_EQ(check("cli/a.cpp", "int n = operand();"), 0u);
    EXPECT_EQ(check("tests/a.cpp", "std::this_thread::sleep_for(100ms);"), 1u);
    EXPECT_EQ(check("tests/a.cpp", "sleep(1);"), 1u);
    EXPECT_EQ(check("tests/a.cpp", "timer.sleep(1);"), 0u);
    EXPECT_EQ(check("node/raft/a.cpp", "auto t = std::chrono::steady_clock::now();"), 1u);
    EXPECT_EQ(check("node/raft/a.cpp", "auto t = Clock::now();"), 1u);
    EXPECT_EQ(check("node/server/a.cpp", "auto t = std::chrono::steady_clock::now();"), 0u);
    EXPECT_EQ(check("node/a.hpp", "    friend class LogTest;"), 1u);
    EXPECT_EQ(check("node/a.hpp", "#ifdef UNIT_TEST"), 1u);
    EXPECT_EQ(check("cli/a.cpp", std::string("// TO") + "DO: later"), 1u);
    EXPECT_EQ(check("cli/CMakeLists.txt", std::string("# FIX") + "ME"), 1u);
    EXPECT_EQ(check("node/a.cpp", "// never sleep_for() here\n/* rand() */ f(\"rand()\");"), 0u);
    EXPECT_EQ(check("node/a.cpp", "auto text = R\"(\nsleep(1)\n)\"; usleep(1'000);"), 1u);
}

TEST(LintItself, finds_a_loop_over_a_hash_table) {
    std::string declaration = "boost::unordered_flat_map<int, int> map_;\n";
    EXPECT_EQ(findings(check_unordered_loops, "node/kv/a.cpp",
                       declaration + "for (auto& [key, value] : map_) {"),
              1u);
    EXPECT_EQ(findings(check_unordered_loops, "node/kv/a.cpp",
                       declaration + "for (auto& [key, value] : self->map_) {"),
              1u);
    EXPECT_EQ(findings(check_unordered_loops, "node/kv/a.cpp",
                       declaration + "auto first = map_.begin();"),
              1u);
    EXPECT_EQ(findings(check_unordered_loops, "node/kv/a.cpp",
                       declaration + "for (auto& item : vector_) {\n map_.find(1);"),
              0u);
}

}  // namespace
}  // namespace raftkv::lint
