#include "cli/client/escape.hpp"

#include <cstddef>
#include <cstdint>

#include "common/utf8.hpp"

namespace raftkv::cli::client {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

void append_escaped(unsigned char byte, std::string& out) {
    switch (byte) {
        case '\\':
            out += "\\\\";
            return;
        case '"':
            out += "\\\"";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    if (byte >= 0x20 && byte < 0x7f) {
        out += static_cast<char>(byte);
        return;
    }
    out += "\\x";
    out += hex_digits[byte >> 4];
    out += hex_digits[byte & 15];
}

}  // namespace

std::string escaped(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (const char c : bytes) append_escaped(static_cast<unsigned char>(c), out);
    return out;
}

std::string escaped_text(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    while (!bytes.empty()) {
        std::uint32_t code = 0;
        const std::size_t size = take_utf8(bytes, code);
        if (size > 1 && shows_as_itself(code)) {
            out += bytes.substr(0, size);
            bytes.remove_prefix(size);
        } else {
            append_escaped(static_cast<unsigned char>(bytes[0]), out);
            bytes.remove_prefix(1);
        }
    }
    return out;
}

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        std::uint32_t code = 0;
        const std::size_t size = take_utf8(bytes, code);
        if (size == 0) return false;
        bytes.remove_prefix(size);
    }
    return true;
}

std::string to_hex(std::string_view bytes) {
    std::string out;
    out.reserve(2 * bytes.size());
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += hex_digits[byte >> 4];
        out += hex_digits[byte & 15];
    }
    return out;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool from_hex(std::string_view digits, std::string& out) {
    if (digits.size() % 2 != 0) return false;
    out.clear();
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = hex_digit(digits[i]);
        const int low = hex_digit(digits[i + 1]);
        if (high < 0 || low < 0) return false;
        out += static_cast<char>(high * 16 + low);
    }
    return true;
}

}  // namespace raftkv::cli::client
