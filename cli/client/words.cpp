#include "cli/client/words.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <utility>

#include "cli/client/escape.hpp"

namespace raftkv::cli::client {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

class Splitter {
  public:
    explicit Splitter(std::string_view line) : line_(line) {}

    Result<std::vector<std::string>> run() {
        while (true) {
            while (!at_end() && is_blank(line_[at_])) ++at_;
            if (at_end()) return std::move(words_);
            words_.emplace_back();
            while (!at_end() && !is_blank(line_[at_])) {
                if (auto error = take_part()) return *error;
            }
        }
    }

  private:
    bool at_end() const { return at_ == line_.size(); }

    std::optional<Error> take_part() {
        const char c = line_[at_];
        if (c == '"') return take_quoted();
        if (c == '\'') return take_verbatim();
        if (c == '\\') return take_escape();
        words_.back() += c;
        ++at_;
        return std::nullopt;
    }

    std::optional<Error> take_quoted() {
        const std::size_t opened = at_++;
        while (!at_end() && line_[at_] != '"') {
            if (line_[at_] == '\\') {
                if (auto error = take_escape()) return error;
            } else {
                words_.back() += line_[at_++];
            }
        }
        if (at_end()) return problem(opened, "the quote that opens here is not closed");
        ++at_;
        return std::nullopt;
    }

    std::optional<Error> take_verbatim() {
        const std::size_t opened = at_++;
        const std::size_t closed = line_.find('\'', at_);
        if (closed == std::string_view::npos) {
            return problem(opened, "the quote that opens here is not closed");
        }
        words_.back() += line_.substr(at_, closed - at_);
        at_ = closed + 1;
        return std::nullopt;
    }

    std::optional<Error> take_escape() {
        const std::size_t backslash = at_++;
        if (at_end()) return problem(backslash, "nothing follows the backslash");
        const char c = line_[at_++];
        switch (c) {
            case 'n':
                words_.back() += '\n';
                return std::nullopt;
            case 'r':
                words_.back() += '\r';
                return std::nullopt;
            case 't':
                words_.back() += '\t';
                return std::nullopt;
            case '0':
                words_.back() += '\0';
                return std::nullopt;
            case 'x':
                return take_hex(backslash);
            case '\\':
            case '"':
            case '\'':
            case ' ':
            case '\t':
                words_.back() += c;
                return std::nullopt;
            default:
                break;
        }
        return problem(backslash,
                       "unknown escape; there are \\n \\r \\t \\0 \\\\ \\\" \\' and \\xNN");
    }

    std::optional<Error> take_hex(std::size_t backslash) {
        std::string byte;
        if (line_.size() - at_ < 2 || !from_hex(line_.substr(at_, 2), byte)) {
            return problem(backslash, "\\x takes two hex digits, as in \\x0a");
        }
        words_.back() += byte;
        at_ += 2;
        return std::nullopt;
    }

    static Error problem(std::size_t column, std::string_view what) {
        return {ErrorKind::usage, fmt::format("column {}: {}", column + 1, what)};
    }

    std::string_view line_;
    std::size_t at_ = 0;
    std::vector<std::string> words_;
};

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view line) {
    return Splitter(line).run();
}

}  // namespace raftkv::cli::client
