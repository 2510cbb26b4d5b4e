#include "common/utf8.hpp"

namespace raftkv {

std::size_t take_utf8(std::string_view bytes, std::uint32_t& code) {
    const auto lead = static_cast<unsigned char>(bytes[0]);
    code = lead;
    if (lead < 0x80) return 1;
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || bytes.size() < size) return 0;
    code = lead & (0x7fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        if ((byte & 0xc0) != 0x80) return 0;
        code = code << 6 | (byte & 0x3fu);
    }
    const std::uint32_t smallest = size == 4 ? 0x10000 : size == 3 ? 0x800 : 0x80;
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < smallest || code > 0x10ffff || surrogate ? 0 : size;
}

bool shows_as_itself(std::uint32_t code) {
    const bool invisible = (code >= 0x200b && code <= 0x200f) ||
                           (code >= 0x2028 && code <= 0x202e) ||
                           (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
    return code >= 0xa0 && !invisible;
}

}  // namespace raftkv
