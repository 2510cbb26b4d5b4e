#include <algorithm>
#include <cctype>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/lint/rules.hpp"

namespace raftkv::lint {

namespace {

constexpr std::size_t max_function_lines = 70;
constexpr std::size_t max_file_lines = 500;
constexpr std::size_t max_test_file_lines = 800;

struct Block {
    std::size_t first_line;
    bool function;
    std::string head_to_resume;  // what an initializer's braces interrupted
};

// Finds the outermost blocks that follow a parameter list: functions, wherever they are nested in
// namespaces and classes. Blocks inside a function belong to it.
class FunctionFinder {
  public:
    explicit FunctionFinder(const SourceFile& file) : file_(file) {}

    std::vector<Finding> run() {
        for (line_ = 0; line_ < file_.code.size(); ++line_) {
            const std::string& code = file_.code[line_];
            if (!code.empty() && code[0] == '#') {
                continue;
            }
            for (char c : code) {
                take(c);
            }
            if (!head_.empty()) {
                head_ += ' ';
            }
        }
        return std::move(findings_);
    }

  private:
    void take(char c) {
        if (c == '{') {
            open();
        } else if (c == '}') {
            close();
        } else if (c == ';' && parentheses_ == 0) {
            head_.clear();
        } else {
            parentheses_ += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (head_.empty() && std::isspace(static_cast<unsigned char>(c)) == 0) {
                head_line_ = line_;
            }
            if (!head_.empty() || std::isspace(static_cast<unsigned char>(c)) == 0) {
                head_ += c;
            }
        }
    }

    void open() {
        static const std::regex no_function(R"(^\s*(namespace|class|struct|enum|union|extern)\b)");
        // Foo() : member_{1} {: only the second brace opens the body.
        static const std::regex initializer(R"(\)\s*(noexcept\s*)?:[^:].*[\w>]\s*$)");
        if (std::regex_search(head_, initializer)) {
            blocks_.push_back({line_, false, head_ + "{}"});
            head_.clear();
            return;
        }
        bool inside = std::any_of(blocks_.begin(), blocks_.end(),
                                  [](const Block& block) { return block.function; });
        bool function = !inside && head_.find(')') != std::string::npos &&
                        !std::regex_search(head_, no_function);
        blocks_.push_back({head_.empty() ? line_ : head_line_, function, ""});
        head_.clear();
    }

    void close() {
        std::string resumed;
        if (!blocks_.empty()) {
            Block& block = blocks_.back();
            std::size_t length = line_ - block.first_line + 1;
            if (block.function && length > max_function_lines) {
                findings_.push_back({file_.path, block.first_line + 1,
                                     "a function of " + std::to_string(length) +
                                         " lines; a screen has " +
                                         std::to_string(max_function_lines)});
            }
            resumed = std::move(block.head_to_resume);
            blocks_.pop_back();
        }
        head_ = std::move(resumed);
    }

    const SourceFile& file_;
    std::size_t line_ = 0;
    std::string head_;  // code since the last block or statement ended
    std::size_t head_line_ = 0;
    int parentheses_ = 0;
    std::vector<Block> blocks_;
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_function_lengths(const SourceFile& file) {
    return file.is_cpp() ? FunctionFinder(file).run() : std::vector<Finding>();
}

std::vector<Finding> check_file_length(const SourceFile& file) {
    std::size_t limit = file.is_under("tests") ? max_test_file_lines : max_file_lines;
    if (file.lines.size() <= limit) {
        return {};
    }
    return {{file.path, limit + 1,
             "has " + std::to_string(file.lines.size()) + " lines, over " + std::to_string(limit)}};
}

std::vector<Finding> check_pragma_once(const SourceFile& file) {
    if (!file.is_header() || (!file.lines.empty() && file.lines[0] == "#pragma once")) {
        return {};
    }
    return {{file.path, 1, "a header starts with #pragma once"}};
}

}  // namespace raftkv::lint
