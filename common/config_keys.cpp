#include "common/config_keys.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <numeric>

namespace raftkv {
namespace {

constexpr std::size_t max_named = 5;
constexpr std::size_t max_compared = 40;  // no known key is nearly as long

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Levenshtein's distance: letters to insert, remove or change.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t change = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({change, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

// The known key meant, or "" when none is alike.
std::string_view nearest(const std::string& unknown, std::span<const std::string_view> known) {
    if (unknown.size() > max_compared) return "";
    std::string_view best;
    std::size_t best_distance = 0;
    for (std::string_view name : known) {
        const std::size_t far = distance(lower_case(unknown), lower_case(name));
        if (far > name.size() / 2 || (!best.empty() && far >= best_distance)) continue;
        best = name;
        best_distance = far;
    }
    return best;
}

}  // namespace

std::string lower_case(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

Error unknown_keys(const std::string& place, std::span<const std::string> unknown,
                   std::span<const std::string_view> known) {
    std::string message = place.empty() ? "the configuration" : place;
    message += unknown.size() == 1 ? " has an unknown key: " : " has unknown keys: ";
    for (std::size_t i = 0; i < std::min(unknown.size(), max_named); ++i) {
        message += (i == 0 ? "" : ", ") + shown(unknown[i]);
        const std::string_view meant = nearest(unknown[i], known);
        if (!meant.empty()) message += fmt::format(" (did you mean \"{}\"?)", meant);
    }
    if (unknown.size() > max_named)
        message += fmt::format(" and {} more", unknown.size() - max_named);
    message += fmt::format("; known are {}", fmt::join(known, ", "));
    return {ErrorKind::usage, std::move(message)};
}

Error wrong_value(const std::string& place, std::string_view must_be, const nlohmann::json& value) {
    return {ErrorKind::usage,
            fmt::format("{} must be {}, but is {}", place.empty() ? "the configuration" : place,
                        must_be, shown(value))};
}

}  // namespace raftkv
