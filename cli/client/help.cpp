#include "cli/client/help.hpp"

#include <fmt/format.h>

#include "cli/client/statement.hpp"

namespace raftkv::cli::client {

namespace {

constexpr std::string_view about_values =
    "\nValues: quote blanks as in \"my name\"; escapes are \\n \\t \\r \\0 \\\\ \\\" \\xNN; in "
    "'...'\n"
    "everything is as it is. Options and exit codes: raftkv client --help\n";

std::string all_commands(bool raw) {
    std::string text;
    for (const CommandInfo& command : commands()) {
        if (command.raw_only && !raw) continue;
        const std::string call = fmt::format("{} {}", command.name, command.arguments);
        text += fmt::format("  {:<38}  {}\n", call, command.summary);
    }
    return text + std::string(about_values);
}

}  // namespace

Result<std::string> help_text(std::string_view topic, bool raw) {
    if (topic.empty()) return all_commands(raw);
    const CommandInfo* command = find_command(topic);
    if (command == nullptr) return no_command(topic);
    std::string text =
        fmt::format("{} {}\n  {}\n", command->name, command->arguments, command->summary);
    if (!command->details.empty()) text += fmt::format("\n{}\n", command->details);
    return text;
}

}  // namespace raftkv::cli::client
