#include <fmt/format.h>

#include <cstddef>

#include "cli/client/front_end.hpp"
#include "cli/client/words.hpp"

namespace raftkv::cli::client {

namespace {

// The longest value, with every byte escaped, and room for the rest.
constexpr std::size_t longest_line = 8 << 20;

bool is_skipped(const std::string& line) {
    const std::size_t first = line.find_first_not_of(" \t\r");
    return first == std::string::npos || line[first] == '#';
}

// What the nodes refuse says nothing about the next command; what they did not answer does, and
// waiting for them a thousand times over would look like hanging.
bool ends_script(ExitCode exit) {
    return exit != ExitCode::done && exit != ExitCode::failed && exit != ExitCode::usage;
}

Result<Statement> parse_line(std::string line, const StatementOptions& options) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const auto words = split_words(line);
    if (!words) return words.error();
    return parse_statement(*words, options);
}

}  // namespace

ExitCode run_script(FrontEnd& front, ByteInput& input) {
    ExitCode first_failure = ExitCode::done;
    std::string line;
    for (std::size_t number = 1;; ++number) {
        front.printer.at_line(number);
        const auto more = input.read_line(line, longest_line);
        if (!more) return front.printer.error(more.error());
        if (!*more) return first_failure;
        if (is_skipped(line)) continue;
        const auto statement = parse_line(line, front.statements);
        ExitCode exit = ExitCode::done;
        if (!statement) {
            exit = front.printer.error(statement.error());
        } else if (statement->verb == Verb::quit) {
            return first_failure;
        } else {
            exit = carry_out(front, *statement);
        }
        if (front.interrupt.happened()) exit = ExitCode::interrupted;
        if (first_failure == ExitCode::done) first_failure = exit;
        if (exit == ExitCode::io) return exit;
        if (ends_script(exit)) {
            front.printer.at_line({});
            front.printer.error(
                {ErrorKind::failed,
                 fmt::format("stopped at line {}; what follows was not done", number)});
            return first_failure;
        }
    }
}

}  // namespace raftkv::cli::client
