#include <unistd.h>

#include <utility>

#include "cli/client/escape.hpp"
#include "cli/client/front_end.hpp"
#include "cli/client/help.hpp"

namespace raftkv::cli::client {

namespace {

// No node takes a value as long as that. One limit more than any configuration allows, so that the
// message about the real one is the parser's.
constexpr std::size_t longest_input = 64 << 20;

bool takes_stdin(const std::vector<std::string>& words) {
    return words.size() >= 2 && (words[0] == "set" || words[0] == "cas") && words[1] == "-x";
}

Result<std::string> value_from_stdin(const FrontEnd& front) {
    auto value = ByteInput(STDIN_FILENO, front.interrupt.fd()).read_all(longest_input);
    if (!value || !front.statements.hex) return value;
    while (!value->empty() && (value->back() == '\n' || value->back() == '\r')) value->pop_back();
    std::string bytes;
    if (!from_hex(*value, bytes)) {
        return Error{ErrorKind::usage, "with --hex the input is an even number of hex digits"};
    }
    return bytes;
}

}  // namespace

ExitCode carry_out(FrontEnd& front, const Statement& statement) {
    if (statement.verb != Verb::help) return front.executor.execute(statement);
    const auto text = help_text(statement.topic, front.raw);
    return text ? front.printer.text(*text) : front.printer.error(text.error());
}

ExitCode run_one_shot(FrontEnd& front, std::vector<std::string> words) {
    if (takes_stdin(words)) {
        auto value = value_from_stdin(front);
        if (!value) return front.printer.error(value.error());
        front.statements.value = std::move(*value);
        words.erase(words.begin() + 1);
    }
    const auto statement = parse_statement(words, front.statements);
    if (!statement) return front.printer.error(statement.error());
    if (statement->verb == Verb::quit) return ExitCode::done;
    const ExitCode exit = carry_out(front, *statement);
    // Asking nodes how they are takes a second at most, and nothing ends it earlier.
    const bool given_up = statement->verb == Verb::status && front.interrupt.happened();
    return given_up ? ExitCode::interrupted : exit;
}

}  // namespace raftkv::cli::client
