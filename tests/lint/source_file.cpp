#include "tests/lint/source_file.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

namespace raftkv::lint {

namespace {

namespace fs = std::filesystem;

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// 1'000'000: a quote inside a number opens no literal.
bool is_digit_separator(std::string_view text, std::size_t quote) {
    std::size_t start = quote;
    while (start > 0 && (is_word(text[start - 1]) || text[start - 1] == '\'')) {
        --start;
    }
    return start < quote && std::isdigit(static_cast<unsigned char>(text[start])) != 0;
}

// Blanks out comments and the insides of literals, a step at a time.
class Blanker {
  public:
    explicit Blanker(std::string_view text) : text_(text), out_(text) {}

    std::string run() {
        while (at_ < text_.size()) {
            step();
        }
        return std::move(out_);
    }

  private:
    void step() {
        std::string_view rest = text_.substr(at_);
        if (rest.starts_with("//")) {
            blank_until(text_.find('\n', at_));
        } else if (rest.starts_with("/*")) {
            std::size_t end = text_.find("*/", at_ + 2);
            blank_until(end == std::string_view::npos ? end : end + 2);
        } else if (rest.starts_with("R\"") && (at_ == 0 || !is_word(text_[at_ - 1]))) {
            blank_raw_string();
        } else if (rest[0] == '"' || (rest[0] == '\'' && !is_digit_separator(text_, at_))) {
            blank_literal(rest[0]);
        } else {
            ++at_;
        }
    }

    void blank_until(std::size_t end) {
        for (end = std::min(end, text_.size()); at_ < end; ++at_) {
            if (text_[at_] != '\n') {
                out_[at_] = ' ';
            }
        }
    }

    void blank_literal(char quote) {
        std::size_t end = ++at_;
        while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
            end += text_[end] == '\\' ? 2 : 1;
        }
        blank_until(end);
        ++at_;
    }

    void blank_raw_string() {
        std::size_t open = text_.find('(', at_);
        std::string closing = ")";
        if (open != std::string_view::npos) {
            closing += text_.substr(at_ + 2, open - at_ - 2);
        }
        std::size_t end = text_.find(closing + '"', at_ + 2);
        at_ += 2;
        blank_until(end == std::string_view::npos ? end : end + closing.size());
        ++at_;
    }

    std::string_view text_;
    std::string out_;
    std::size_t at_ = 0;
};

std::vector<std::string> split_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

bool is_ours(const fs::path& file) {
    std::string extension = file.extension();
    return extension == ".cpp" || extension == ".hpp" || extension == ".sh" ||
           extension == ".cmake" || file.filename() == "CMakeLists.txt" || file.filename() == "dev";
}

}  // namespace

bool SourceFile::is_under(std::string_view folder) const {
    return path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/';
}

SourceFile make_source_file(std::string path, std::string_view text) {
    SourceFile file;
    file.path = std::move(path);
    file.lines = split_lines(text);
    file.code = split_lines(file.is_cpp() ? Blanker(text).run() : std::string(text));
    return file;
}

std::vector<SourceFile> read_tree(const fs::path& root) {
    std::vector<fs::path> paths;
    for (const char* name : {"CMakeLists.txt", "dev"}) {
        paths.push_back(root / name);
    }
    for (const char* folder : {"common", "node", "cli", "tests"}) {
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / folder)) {
            if (entry.is_regular_file() && is_ours(entry.path())) {
                paths.push_back(entry.path());
            }
        }
    }
    std::sort(paths.begin(), paths.end());

    std::vector<SourceFile> files;
    for (const fs::path& path : paths) {
        std::ifstream in(path, std::ios::binary);
        std::string text{std::istreambuf_iterator<char>(in), {}};
        files.push_back(make_source_file(path.lexically_relative(root).generic_string(), text));
    }
    return files;
}

}  // namespace raftkv::lint
