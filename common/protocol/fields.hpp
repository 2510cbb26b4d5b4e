#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>

// What the header lines of requests and of replies have in common.

namespace raftkv::protocol {

// The fields of a line: its runs of bytes other than space and tab.
struct Fields {
    static constexpr std::size_t max = 5;  // that is cas, the longest command

    std::array<std::string_view, max> at;
    std::size_t count = 0;  // max + 1 when there are more than `max`
};

inline Fields split(std::string_view line) {
    Fields fields;
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    std::size_t i = 0;
    for (;;) {
        while (i < line.size() && is_blank(line[i])) ++i;
        if (i == line.size()) return fields;
        const std::size_t start = i;
        while (i < line.size() && !is_blank(line[i])) ++i;
        if (fields.count == Fields::max) {
            ++fields.count;
            return fields;
        }
        fields.at[fields.count++] = line.substr(start, i - start);
    }
}

enum class Number { ok, not_a_number, too_large };

// Decimal digits and nothing else: no sign, no blank, no 0x. Leading zeros are no harm.
template <class T>
Number parse_number(std::string_view text, T& number) {
    static_assert(std::is_unsigned_v<T>);
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (stop != end || error == std::errc::invalid_argument) return Number::not_a_number;
    return error == std::errc() ? Number::ok : Number::too_large;
}

// The bytes before a line end at `newline`; a '\r' in front of it belongs to the line end.
inline std::string_view without_line_end(std::string_view bytes, std::size_t newline) {
    const bool has_cr = newline > 0 && bytes[newline - 1] == '\r';
    return bytes.substr(0, has_cr ? newline - 1 : newline);
}

}  // namespace raftkv::protocol
