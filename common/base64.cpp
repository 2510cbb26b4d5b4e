#include "common/base64.hpp"

#include <array>
#include <cstdint>

namespace raftkv {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 64;

constexpr std::array<std::uint8_t, 256> values_of_digits() {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::uint8_t i = 0; i < no_digit; ++i) {
        values[static_cast<std::uint8_t>(alphabet[i])] = i;
    }
    return values;
}

constexpr std::array<std::uint8_t, 256> values = values_of_digits();

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
    return at < bytes.size() ? static_cast<std::uint8_t>(bytes[at]) : 0;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::uint32_t three =
            byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
        text += alphabet[three >> 18];
        text += alphabet[three >> 12 & 63];
        text += at + 1 < bytes.size() ? alphabet[three >> 6 & 63] : '=';
        text += at + 2 < bytes.size() ? alphabet[three & 63] : '=';
    }
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return {};
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        const std::size_t count = at + 4 == text.size() ? 4 - padding : 4;
        std::uint32_t four = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const std::uint8_t value =
                i < count ? values[static_cast<std::uint8_t>(text[at + i])] : 0;
            if (value == no_digit) return {};
            four = four << 6 | value;
        }
        for (std::size_t i = 0; i + 1 < count; ++i) {
            bytes += static_cast<char>(four >> (16 - 8 * i) & 0xff);
        }
        // What the padding cuts off must be zero, or else several texts would be the same bytes.
        if (count < 4 && (four & ((1u << (8 * (4 - count))) - 1)) != 0) return {};
    }
    return bytes;
}

}  // namespace raftkv
