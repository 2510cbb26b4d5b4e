#include "cli/client/completion.hpp"

#include <algorithm>

#include "cli/client/statement.hpp"

namespace raftkv::cli::client {

namespace {

std::vector<std::string> command_names(bool raw) {
    std::vector<std::string> names;
    for (const CommandInfo& command : commands()) {
        if (raw || !command.raw_only) names.emplace_back(command.name);
    }
    return names;
}

// What the second word of a command can be.
std::vector<std::string> arguments_of(std::string_view name, const CompletionSource& source) {
    const CommandInfo* command = find_command(name);
    if (command == nullptr) return {};
    switch (command->verb) {
        case Verb::set:
        case Verb::get:
        case Verb::getm:
        case Verb::cas:
        case Verb::del:
            return {source.keys.begin(), source.keys.end()};
        case Verb::status:
            return source.nodes;
        case Verb::help:
            return command_names(source.raw);
        case Verb::send:
        case Verb::quit:
            return {};
    }
    return {};
}

}  // namespace

Completion complete(std::string_view text, const CompletionSource& source) {
    constexpr std::string_view blanks = " \t";
    const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
    text.remove_prefix(begin);
    const std::size_t end = text.find_first_of(blanks);
    std::vector<std::string> words;
    std::string_view last = text;
    if (end == std::string_view::npos) {
        words = command_names(source.raw);
    } else {
        const std::size_t second = std::min(text.find_first_not_of(blanks, end), text.size());
        last = text.substr(second);
        if (last.find_first_of(blanks) != std::string_view::npos) return {};
        words = arguments_of(text.substr(0, end), source);
    }
    std::erase_if(words, [&](const std::string& word) { return !word.starts_with(last); });
    std::sort(words.begin(), words.end());
    return {last.size(), std::move(words)};
}

std::string common_beginning(const std::vector<std::string>& words) {
    if (words.empty()) return {};
    std::string_view common = words.front();
    for (const std::string& word : words) {
        const auto [differs, unused] =
            std::mismatch(common.begin(), common.end(), word.begin(), word.end());
        common = common.substr(0, static_cast<std::size_t>(differs - common.begin()));
    }
    return std::string(common);
}

}  // namespace raftkv::cli::client
