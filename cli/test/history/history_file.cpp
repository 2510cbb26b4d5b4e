#include "cli/test/history/history_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>

#include "cli/test/history/operation_json.hpp"

namespace raftkv::test {
namespace {

// Far more than any operation takes, and little enough to be held.
constexpr std::size_t longest_line = 16 * 1024;
constexpr std::size_t most_operations = 20'000'000;

Error wrong(std::size_t line, const std::string& what) {
    return Error{ErrorKind::corrupt, fmt::format("line {}: {}", line, what)};
}

// The next line, without its end; false at the end of the file. A line that is too long is cut
// off one byte past the limit.
bool take_line(std::istream& in, std::string& line) {
    line.clear();
    std::streambuf& bytes = *in.rdbuf();
    for (;;) {
        const int byte = bytes.sbumpc();
        if (byte == std::char_traits<char>::eof()) return !line.empty();
        if (byte == '\n') return true;
        line.push_back(static_cast<char>(byte));
        if (line.size() > longest_line) return true;
    }
}

bool is_blank(const std::string& line) {
    return line.find_first_not_of(" \t\r") == std::string::npos;
}

}  // namespace

void write_history(std::ostream& out, const History& history) {
    std::vector<const Operation*> order;
    order.reserve(history.size());
    for (const Operation& op : history) order.push_back(&op);
    std::stable_sort(order.begin(), order.end(),
                     [](const auto* a, const auto* b) { return a->start < b->start; });
    for (const Operation* op : order) out << to_json(*op, order.front()->start) << '\n';
}

Result<void> write_history_file(const std::filesystem::path& file, const History& history) {
    std::ofstream out(file);
    write_history(out, history);
    out.close();
    if (out) return {};
    return Error{ErrorKind::io, fmt::format("writing {}: {}", file.string(), std::strerror(errno))};
}

Result<History> read_history(std::istream& in) {
    History history;
    std::string line;
    for (std::size_t number = 1; take_line(in, line); ++number) {
        if (line.size() > longest_line) {
            return wrong(number, fmt::format("longer than {} bytes", longest_line));
        }
        if (is_blank(line)) continue;
        auto operation = operation_from_json(line);
        if (!operation) return wrong(number, operation.error().message);
        if (history.size() == most_operations) {
            return wrong(number, fmt::format("more than {} operations", most_operations));
        }
        history.push_back(std::move(operation).value());
    }
    return history;
}

Result<History> read_history_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    // Reading from a folder fails no earlier than here.
    if (!in || in.peek() == std::char_traits<char>::eof()) {
        std::error_code error;
        const bool is_empty = in.is_open() && std::filesystem::is_regular_file(file, error);
        if (is_empty) return History{};
        return Error{ErrorKind::io,
                     fmt::format("reading {}: {}", file.string(), std::strerror(errno))};
    }
    auto history = read_history(in);
    if (!history) {
        return Error{history.error().kind,
                     fmt::format("{}: {}", file.string(), history.error().message)};
    }
    return history;
}

}  // namespace raftkv::test
