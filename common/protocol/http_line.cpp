#include "common/protocol/http_line.hpp"

#include <algorithm>

namespace raftkv::protocol {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// What the name of a header field may consist of (RFC 9110, "token").
bool is_token(char c) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           others.find(c) != std::string_view::npos;
}

// Of any version: a line that ends in HTTP/2.0 is no command either.
bool ends_in_version(std::string_view line) {
    constexpr std::string_view version = "HTTP/";
    const std::size_t last = line.find_last_not_of(" \t");
    if (last == std::string_view::npos) return false;
    line = line.substr(0, last + 1);
    if (line.size() < version.size() + 3) return false;
    const std::string_view end = line.substr(line.size() - version.size() - 3);
    return end.starts_with(version) && is_digit(end[5]) && end[6] == '.' && is_digit(end[7]);
}

}  // namespace

bool is_http_line(std::string_view line) {
    const auto end_of_name = std::find_if_not(line.begin(), line.end(), is_token);
    const bool is_field =
        end_of_name != line.begin() && end_of_name != line.end() && *end_of_name == ':';
    return is_field || ends_in_version(line);
}

}  // namespace raftkv::protocol
