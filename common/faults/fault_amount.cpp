#include "common/faults/fault_amount.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace raftkv {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t ms;
};

constexpr std::array units{Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1000}, Unit{"ms", 1}};

template <class Number>
std::optional<Number> whole_number(std::string_view digits) {
    Number number = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

// "-12.5" is -1250: hundredths, up to a number of nine digits before the point.
std::optional<std::int64_t> hundredths_of(std::string_view text, bool sign) {
    bool negative = false;
    if (sign && (text.starts_with('+') || text.starts_with('-'))) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    std::size_t point = text.find('.');
    auto before = whole_number<std::uint32_t>(text.substr(0, point));
    if (!before || *before >= 1'000'000'000) return std::nullopt;
    std::int64_t number = std::int64_t{*before} * 100;
    if (point != std::string_view::npos) {
        std::string fraction(text.substr(point + 1));
        if (fraction.empty() || fraction.size() > 2) return std::nullopt;
        fraction.resize(2, '0');
        auto after = whole_number<std::uint8_t>(fraction);
        if (!after) return std::nullopt;
        number += *after;
    }
    return negative ? -number : number;
}

Error wrong(std::string_view word, std::string_view expected) {
    return Error{ErrorKind::usage,
                 fmt::format("expected {}, found \"{}\"", expected, shown_word(word))};
}

}  // namespace

Result<std::int64_t> parse_fault_time(std::string_view word, bool sign) {
    std::string_view expected = sign ? "a time like +30s or -500ms" : "a time like 80ms, 10s or 2m";
    auto letters = std::find_if(word.begin(), word.end(), [](char c) { return c >= 'a'; });
    auto digits = static_cast<std::size_t>(letters - word.begin());
    std::string_view name = word.substr(digits);
    const auto* unit = std::find_if(units.begin(), units.end(),
                                    [name](const Unit& known) { return known.name == name; });
    auto number = hundredths_of(word.substr(0, digits), sign);
    if (unit == units.end() || !number) return wrong(word, expected);
    return *number * unit->ms / 100;
}

std::string fault_time_text(std::int64_t ms) {
    // The largest unit that makes a whole number; nothing is written in the smallest.
    const auto* unit = std::find_if(units.begin(), units.end(),
                                    [ms](const Unit& known) { return ms % known.ms == 0; });
    return ms == 0 ? "0ms" : fmt::format("{}{}", ms / unit->ms, unit->name);
}

Result<std::int64_t> parse_fault_percent(std::string_view word, bool sign) {
    std::string_view expected = sign ? "a percentage like +5% or -0.5%" : "a percentage like 5%";
    if (!word.ends_with('%')) return wrong(word, expected);
    auto number = hundredths_of(word.substr(0, word.size() - 1), sign);
    if (!number) return wrong(word, expected);
    return *number;
}

std::string fault_percent_text(std::int64_t hundredths, bool sign) {
    std::int64_t amount = hundredths < 0 ? -hundredths : hundredths;
    std::string text = hundredths < 0 ? "-" : sign ? "+" : "";
    text += std::to_string(amount / 100);
    if (std::int64_t rest = amount % 100; rest != 0) {
        text += rest % 10 == 0 ? fmt::format(".{}", rest / 10) : fmt::format(".{:02}", rest);
    }
    return text + "%";
}

Result<NodeId> parse_fault_node(std::string_view word) {
    auto id = whole_number<std::uint32_t>(word);
    if (!id) return wrong(word, "a node's id");
    return NodeId(*id);
}

std::string shown_word(std::string_view word) {
    constexpr std::size_t longest = 40;
    std::string text;
    for (char c : word.substr(0, longest)) text += c >= ' ' && c <= '~' ? c : '?';
    return word.size() > longest ? text + "..." : text;
}

}  // namespace raftkv
