#include "cli/command_line/json_text.hpp"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

namespace raftkv::cli {

namespace {

constexpr char del = '\x7f';
constexpr char c1_lead = '\xc2';

// nlohmann escapes what is below a blank. DEL and the controls U+0080 to U+009F, which terminals
// obey too, can only be within strings.
std::string without_controls(std::string_view json) {
    std::string text;
    text.reserve(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
        const bool has_next = i + 1 < json.size();
        const auto next = has_next ? static_cast<unsigned char>(json[i + 1]) : 0;
        if (json[i] == del) {
            text += "\\u007f";
        } else if (json[i] == c1_lead && next >= 0x80 && next < 0xa0) {
            constexpr std::string_view digits = "0123456789abcdef";
            text += "\\u00";
            text += digits[next >> 4];
            text += digits[next & 15];
            ++i;
        } else {
            text += json[i];
        }
    }
    return text;
}

}  // namespace

std::string json_text(const nlohmann::ordered_json& object, int indent) {
    using Handler = nlohmann::ordered_json::error_handler_t;
    return without_controls(object.dump(indent, ' ', false, Handler::replace));
}

}  // namespace raftkv::cli
