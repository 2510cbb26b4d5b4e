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

// Words up to the cursor, as far as they go.
struct HalfLine {
    std::vector<std::string> words{""};  // the last is being typed, and may be empty
    char quote = 0;                      // that is open in it
    bool understood = true;              // no escape is half typed, or unknown
};

// The beginning of what split_words() takes: that has no use for a quote which is still open.
HalfLine split_half(std::string_view text) {
    HalfLine line;
    const auto blanks = std::string_view(" \t");
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool escape = c == '\\' && line.quote != '\'';
        const bool blank = blanks.find(c) != std::string_view::npos;
        if (escape) {
            // What keys and nodes have to escape escapes to itself.
            const bool plain = i + 1 < text.size() && std::string_view("\\\"' ").find(
                                                          text[i + 1]) != std::string_view::npos;
            if (!plain) line.understood = false;
            if (plain) line.words.back() += text[++i];
        } else if (line.quote != 0) {
            if (c == line.quote) {
                line.quote = 0;
            } else {
                line.words.back() += c;
            }
        } else if (c == '"' || c == '\'') {
            line.quote = c;
        } else if (!blank) {
            line.words.back() += c;
        } else if (!line.words.back().empty()) {
            line.words.emplace_back();
        }
    }
    return line;
}

std::string in_quotes(std::string_view text, char quote) {
    std::string out;
    for (const char c : text) {
        if (quote == '\'' && c == '\'') {
            out += "'\\''";  // closed, one escaped, and opened again
            continue;
        }
        const bool special = quote == 0
                                 ? std::string_view("\\\"' \t").find(c) != std::string_view::npos
                             : quote == '"' ? c == '"' || c == '\\'
                                            : false;
        if (special) out += '\\';
        out += c;
    }
    return out;
}

}  // namespace

Completion complete(std::string_view text, const CompletionSource& source) {
    const HalfLine line = split_half(text);
    if (!line.understood || line.words.size() > 2) return {};
    const bool first = line.words.size() == 1;
    std::vector<std::string> words =
        first ? command_names(source.raw) : arguments_of(line.words.front(), source);
    const std::string& last = line.words.back();
    std::erase_if(words, [&](const std::string& word) { return !word.starts_with(last); });
    std::sort(words.begin(), words.end());
    return {last.size(), std::move(words), line.quote};
}

std::string text_to_insert(const Completion& found) {
    if (found.candidates.empty()) return {};
    std::string text =
        in_quotes(common_beginning(found.candidates).substr(found.typed), found.quote);
    if (found.candidates.size() > 1) return text;
    if (found.quote != 0) text += found.quote;
    return text + " ";
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
