#include <algorithm>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/lint/rules.hpp"

namespace raftkv::lint {

namespace {

struct WordRule {
    std::regex pattern;
    std::vector<std::string_view> folders;  // where it holds; empty is everywhere
    std::vector<std::string_view> except;   // folders where it does not
    bool in_comments;
    std::string_view why;
};

const std::vector<WordRule>& word_rules() {
    using std::regex;
    static const std::vector<WordRule> table = {
        {regex(R"(\b(std::)?s?rand\s*\()"),
         {},
         {},
         false,
         "chance is injected, or seeded and said"},
        {regex(R"(\b(sleep_for|sleep_until|usleep|nanosleep)\b|(^|[^\w.>])sleep\s*\()"),
         {"node", "common", "tests"},
         {},
         false,
         "wait for a condition with a deadline instead of sleeping"},
        {regex(R"(\b\w*(clock|Clock)::now\s*\(|\b(clock_gettime|gettimeofday)\s*\()"),
         {"common", "node"},
         {"node/server"},
         false,
         "time is an input here"},
        {regex(R"(\bfriend\s+(class|struct)\b)"),
         {"common", "node", "cli"},
         {},
         false,
         "a friend sees everything; inject what it needs"},
        {regex(R"(#\s*if.*\b(UNIT_?TESTS?|TESTING)\b)"),
         {"common", "node", "cli"},
         {},
         false,
         "production code knows no tests"},
        // Split, so that these lines are no finding themselves.
        {regex("\\b(TO"
               "DO|FIX"
               "ME|XX"
               "X)\\b"),
         {},
         {},
         true,
         "finish it or leave it out; plans live elsewhere"},
        {regex(R"(\bDISABLED_\w)"), {"tests"}, {}, false, "a test that does not run is no test"},
        {regex(R"(\b(strcpy|strcat|sprintf|gets|atoi|atol|atof|strtok)\s*\()"),
         {},
         {},
         false,
         "has no bound or no way to report an error"},
        {regex(R"(\bCLI::(Range|PositiveNumber|NonNegativeNumber|Number)\b)"),
         {"cli"},
         {},
         false,
         "lets nan and -1 pass; see cli/command_line/numbers.hpp"},
        {regex(R"(\bj?(object|json|out)\.dump\s*\()"),
         {"cli"},
         {"cli/command_line", "cli/bench/etcd"},
         false,
         "throws at a path that is no UTF-8; see cli/command_line/json_text.hpp"},
        {regex(R"(\busing\s+namespace\s+std\s*;)"), {}, {}, false, "hides where names come from"},
    };
    return table;
}

bool holds_for(const WordRule& rule, const SourceFile& file) {
    auto under = [&](std::string_view folder) { return file.is_under(folder); };
    bool inside =
        rule.folders.empty() || std::any_of(rule.folders.begin(), rule.folders.end(), under);
    return inside && std::none_of(rule.except.begin(), rule.except.end(), under) &&
           (file.is_cpp() || rule.in_comments);
}

// Names of variables and members of this file whose type is an unordered container.
std::vector<std::string> unordered_names(const SourceFile& file) {
    static const std::regex declaration(R"(\bunordered_\w+\s*<.*>\s*&?\s*(\w+)\s*(;|=|\{|,|\)|$))");
    std::vector<std::string> names;
    for (const std::string& code : file.code) {
        std::smatch match;
        if (std::regex_search(code, match, declaration)) {
            names.push_back(match[1]);
        }
    }
    return names;
}

}  // namespace

std::vector<Finding> check_banned_words(const SourceFile& file) {
    std::vector<Finding> findings;
    for (const WordRule& rule : word_rules()) {
        if (!holds_for(rule, file)) {
            continue;
        }
        const std::vector<std::string>& lines = rule.in_comments ? file.lines : file.code;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            std::smatch match;
            if (std::regex_search(lines[i], match, rule.pattern)) {
                findings.push_back({file.path, i + 1, match.str() + ": " + std::string(rule.why)});
            }
        }
    }
    return findings;
}

std::vector<Finding> check_unordered_loops(const SourceFile& file) {
    std::vector<Finding> findings;
    if (!file.is_cpp() || !file.is_under("node")) {
        return findings;
    }
    for (const std::string& name : unordered_names(file)) {
        std::regex loop("for\\s*\\(.*:\\s*(\\w+(\\.|->))*" + name + "\\s*\\)|\\b" + name +
                        "\\.c?begin\\s*\\(");
        for (std::size_t i = 0; i < file.code.size(); ++i) {
            if (std::regex_search(file.code[i], loop)) {
                findings.push_back({file.path, i + 1,
                                    "a loop over " + name + ", whose order is a matter of chance"});
            }
        }
    }
    return findings;
}

}  // namespace raftkv::lint
