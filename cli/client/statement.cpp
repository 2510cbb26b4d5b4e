#include "cli/client/statement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

#include "cli/client/escape.hpp"
#include "cli/command_line/suggestion.hpp"

namespace raftkv::cli::client {

namespace {

constexpr std::array<CommandInfo, 9> table{{
    {Verb::set, "set", "<key> <value> [exptime]", "create a key; an existing one is left alone",
     "The key is 1 to 250 printable ASCII characters without blanks, the value 1 byte to\n"
     "1 MiB of anything; put one with blanks in quotes. exptime is in seconds, 0 is for ever.\n"
     "Prints the version. Fails when the key exists: cas replaces, delete removes.\n"
     "  set arun \"my name is arun\" 60"},
    {Verb::get, "get", "<key>", "print a value",
     "Asks the leader, so what it prints is never out of date.\n"
     "  get arun"},
    {Verb::getm, "getm", "<key>", "print a value with its version and exptime",
     "The version is what cas wants.\n"
     "  getm arun"},
    {Verb::cas, "cas", "<key> <version> <value> [exptime]",
     "replace a value if its version is still that",
     "Compare and swap: nothing is changed when somebody else was faster. The exptime is\n"
     "replaced too. Prints the new version.\n"
     "  getm arun\n"
     "  cas arun 7 \"my name is babu\""},
    {Verb::del, "delete", "<key>", "remove a key", "  delete arun"},
    {Verb::status, "status", "[node]", "show the nodes: role, term, log, lag",
     "Asks the admin port of every node, or of one. A node is named by its id, its\n"
     "host:port, or \"leader\".\n"
     "  status 2"},
    {Verb::send, "send", "<bytes>", "send bytes exactly as they are",
     "Only with --raw. Adds nothing, not even a line end.\n"
     "  send \"get arun\\r\\n\"",
     true},
    {Verb::help, "help", "[command]", "explain the commands, or one of them", "  help cas"},
    {Verb::quit, "quit", "", "leave; Ctrl-D does too", ""},
}};

Error usage(const CommandInfo& command, std::string_view problem) {
    return {ErrorKind::usage,
            fmt::format("{}; it is written: {} {}", problem, command.name, command.arguments)};
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, number);
    return failure == std::errc() && stop == end;
}

// Takes the words of one command from the front.
class Words {
  public:
    Words(const CommandInfo& command, const std::vector<std::string>& words,
          const StatementOptions& options)
        : command_(command), words_(words), options_(options) {}

    std::size_t left() const { return words_.size() - at_; }

    // A key may have that name, but then the same line would store it in a script, and wait for
    // stdin on the command line.
    std::optional<Error> refuse_stdin() const {
        const bool takes_value = command_.verb == Verb::set || command_.verb == Verb::cas;
        if (!takes_value || options_.value || left() == 0 || words_[at_] != "-x") {
            return std::nullopt;
        }
        return Error{
            ErrorKind::usage,
            fmt::format("{} -x takes the value from stdin, and is only there as one command "
                        "of the command line: raftkv client {} -x <key> < FILE",
                        command_.name, command_.name)};
    }

    std::optional<Error> take_key(Statement& out) {
        if (auto error = refuse_stdin()) return error;
        if (left() == 0) return usage(command_, fmt::format("{} needs a key", command_.name));
        out.key = words_[at_++];
        if (protocol::is_valid_key(out.key)) return std::nullopt;
        return Error{ErrorKind::usage,
                     fmt::format("\"{}\" cannot be a key: a key is 1 to {} printable ASCII "
                                 "characters without blanks",
                                 escaped_text(out.key), protocol::max_key_bytes)};
    }

    std::optional<Error> take_version(Statement& out) {
        if (left() == 0) {
            return usage(command_, "cas needs the version that the key has now (getm shows it)");
        }
        const std::string& word = words_[at_++];
        if (parse_number(word, out.version)) return std::nullopt;
        return usage(command_, fmt::format("\"{}\" is no version number", escaped_text(word)));
    }

    std::optional<Error> take_value(Statement& out) {
        if (options_.value) {
            out.value = *options_.value;
        } else if (left() == 0) {
            return usage(command_, fmt::format("{} needs a value", command_.name));
        } else if (options_.hex) {
            if (!from_hex(words_[at_++], out.value)) {
                return usage(command_, "with --hex a value is an even number of hex digits");
            }
        } else {
            out.value = words_[at_++];
        }
        return check_value(out.value);
    }

    std::optional<Error> take_exptime(Statement& out) {
        out.exptime_s = options_.exptime_s;
        if (left() == 0) return std::nullopt;
        if (left() > 1) return too_many();
        const std::string& word = words_[at_++];
        const bool number = parse_number(word, out.exptime_s);
        if (number && out.exptime_s <= protocol::max_exptime_s) return std::nullopt;
        return usage(command_, fmt::format("\"{}\" is no exptime (0 to {} seconds){}",
                                           escaped_text(word), protocol::max_exptime_s,
                                           number ? "" : "; a value with blanks needs quotes"));
    }

    std::optional<Error> take_bytes(Statement& out) {
        if (left() == 0) return usage(command_, "send needs bytes");
        if (options_.hex && !from_hex(words_[at_], out.value)) {
            return usage(command_, "with --hex the bytes are an even number of hex digits");
        }
        if (!options_.hex) out.value = words_[at_];
        ++at_;
        return std::nullopt;
    }

    void take_topic(Statement& out) {
        if (left() > 0) out.topic = words_[at_++];
    }

    std::optional<Error> end() const {
        if (left() > 0) return too_many();
        return std::nullopt;
    }

  private:
    std::optional<Error> check_value(std::string_view value) const {
        if (value.empty()) return usage(command_, "a value has at least one byte");
        if (options_.max_value_bytes && value.size() > *options_.max_value_bytes) {
            return usage(command_, fmt::format("the value has {} bytes, the limit is {}",
                                               value.size(), *options_.max_value_bytes));
        }
        return std::nullopt;
    }

    std::optional<Error> too_many() const {
        const bool has_value = command_.verb == Verb::set || command_.verb == Verb::cas;
        return usage(command_, fmt::format("there are too many words{}",
                                           has_value ? "; a value with blanks needs quotes" : ""));
    }

    const CommandInfo& command_;
    const std::vector<std::string>& words_;
    const StatementOptions& options_;
    std::size_t at_ = 1;
};

std::optional<Error> take_arguments(Words& words, Statement& out) {
    std::optional<Error> error;
    switch (out.verb) {
        case Verb::set:
            if (!(error = words.take_key(out)) && !(error = words.take_value(out))) {
                error = words.take_exptime(out);
            }
            return error;
        case Verb::cas:
            if (!(error = words.take_key(out)) && !(error = words.take_version(out)) &&
                !(error = words.take_value(out))) {
                error = words.take_exptime(out);
            }
            return error;
        case Verb::get:
        case Verb::getm:
        case Verb::del:
            return words.take_key(out);
        case Verb::send:
            return words.take_bytes(out);
        case Verb::status:
        case Verb::help:
            words.take_topic(out);
            return std::nullopt;
        case Verb::quit:
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

std::span<const CommandInfo> commands() {
    return table;
}

const CommandInfo* find_command(std::string_view name) {
    if (name == "exit") name = "quit";
    if (name == "?") name = "help";
    if (name == "del") name = "delete";
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const CommandInfo& info) { return info.name == name; });
    return found == table.end() ? nullptr : &*found;
}

Error no_command(std::string_view name) {
    std::vector<std::string> names;
    for (const CommandInfo& info : table) names.emplace_back(info.name);
    return {ErrorKind::usage, fmt::format("there is no command \"{}\"{}; help lists them",
                                          escaped_text(name), did_you_mean(name, names))};
}

protocol::Request Statement::request() const {
    protocol::Request request;
    switch (verb) {
        case Verb::set:
            request.op = protocol::Op::set;
            break;
        case Verb::getm:
            request.op = protocol::Op::getm;
            break;
        case Verb::cas:
            request.op = protocol::Op::cas;
            break;
        case Verb::del:
            request.op = protocol::Op::del;
            break;
        default:
            request.op = protocol::Op::get;
            break;
    }
    request.key = key;
    request.value = value;
    request.exptime_s = exptime_s;
    request.version = version;
    return request;
}

Result<Statement> parse_statement(const std::vector<std::string>& words,
                                  const StatementOptions& options) {
    if (words.empty()) return Error{ErrorKind::usage, "there is no command"};
    const CommandInfo* command = find_command(words[0]);
    if (command == nullptr) return no_command(words[0]);
    Statement statement;
    statement.verb = command->verb;
    Words rest(*command, words, options);
    if (auto error = take_arguments(rest, statement)) return *error;
    if (auto error = rest.end()) return *error;
    return statement;
}

}  // namespace raftkv::cli::client
