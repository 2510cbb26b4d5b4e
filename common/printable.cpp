#include "common/printable.hpp"

#include <cstddef>
#include <cstdint>

#include "common/utf8.hpp"

namespace raftkv {

namespace {

bool is_visible(std::size_t size, std::uint32_t code) {
    if (size == 1) return code >= 0x20 && code != 0x7f;
    return size > 1 && shows_as_itself(code);
}

std::string printable(std::string_view text, bool one_line) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        std::uint32_t code = 0;
        const std::size_t size = take_utf8(text, code);
        const bool layout = !one_line && (code == '\n' || code == '\t');
        if (layout || is_visible(size, code)) {
            out += text.substr(0, size);
            text.remove_prefix(size);
            continue;
        }
        const auto byte = static_cast<unsigned char>(text.front());
        if (byte == '\n') {
            out += "\\n";
        } else {
            out += "\\x";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
        text.remove_prefix(1);
    }
    return out;
}

}  // namespace

std::string printable_line(std::string_view text) {
    return printable(text, true);
}

std::string printable_text(std::string_view text) {
    return printable(text, false);
}

}  // namespace raftkv
