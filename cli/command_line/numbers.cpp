#include "cli/command_line/numbers.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "common/strong_types.hpp"

namespace raftkv::cli {

namespace {

template <class Number>
std::optional<Number> parse(const std::string& text) {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, number);
    if (failure != std::errc() || stop != end) return std::nullopt;
    return number;
}

template <class Number>
CLI::Validator number_between(Number least, Number greatest, std::string_view kind) {
    const bool bounded = greatest < std::numeric_limits<Number>::max();
    const std::string range = bounded ? fmt::format("{} to {}", least, greatest) : "";
    const std::string wanted = bounded ? fmt::format("{}, {}", kind, range)
                                       : fmt::format("{} of at least {}", kind, least);
    const auto check = [least, greatest, wanted](std::string& text) -> std::string {
        const auto number = parse<Number>(text);
        // What is not a number is in no range, so it must be asked this way round.
        const bool in_range = number && *number >= least && *number <= greatest;
        if (!in_range) return fmt::format("\"{}\" is not {}", text, wanted);
        // CLI11 takes a leading zero for the mark of an octal number.
        while (text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9') {
            text.erase(0, 1);
        }
        return {};
    };
    return {check, range};
}

}  // namespace

CLI::Validator whole_number(std::uint64_t least, std::uint64_t greatest) {
    return number_between(least, greatest, "a whole number");
}

CLI::Validator node_id() {
    return whole_number(0, std::numeric_limits<NodeId::Representation>::max());
}

CLI::Validator decimal_number(double least, double greatest) {
    return number_between(least, greatest, "a number");
}

}  // namespace raftkv::cli
