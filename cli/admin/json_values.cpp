#include "cli/admin/json_values.hpp"

#include <charconv>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

#include "common/printable.hpp"

namespace raftkv::cli {

std::uint64_t count_in(const nlohmann::json& value, std::uint64_t most) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
        throw std::invalid_argument("expected a count, found " + shown(value));
    return value.get<std::uint64_t>();
}

std::string text_in(const nlohmann::json& value) {
    return printable_line(value.get<std::string>());
}

std::string text_in(const nlohmann::json& object, const char* name, const char* otherwise) {
    return printable_line(object.value(name, std::string(otherwise)));
}

std::string shown(const nlohmann::json& value) {
    constexpr std::size_t enough = 200;
    return printable_line(value.dump().substr(0, enough));
}

NodeId node_id_in(const nlohmann::json& value) {
    return NodeId(static_cast<std::uint32_t>(count_in(value, UINT32_MAX)));
}

std::uint64_t hex_in(const nlohmann::json& value) {
    const auto text = value.get<std::string>();
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, 16);
    if (error != std::errc() || stop != end)
        throw std::invalid_argument("expected hexadecimal digits, found " + shown(value));
    return number;
}

}  // namespace raftkv::cli
