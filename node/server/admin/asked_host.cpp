#include "node/server/admin/asked_host.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

namespace raftkv::server {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Without ":9100", if that is how it ends. What is left of "::1" is an address, too.
std::string_view without_port(std::string_view host) {
    const std::size_t colon = host.rfind(':');
    if (colon == std::string_view::npos || host.ends_with(']')) return host;
    const std::string_view port = host.substr(colon + 1);
    return std::all_of(port.begin(), port.end(), is_digit) ? host.substr(0, colon) : host;
}

bool is_address(const std::string& host) {
    in6_addr ignored{};
    return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

}  // namespace

bool may_ask(std::string_view host, const std::vector<std::string>& names) {
    if (host.find('\0') != std::string_view::npos) return false;
    if (is_address(std::string(host))) return true;
    host = without_port(host);
    if (host.starts_with('[') && host.ends_with(']'))
        return is_address(std::string(host.substr(1, host.size() - 2)));
    std::string name = lower(host);
    if (name.ends_with('.')) name.pop_back();
    return name == "localhost" || is_address(name) ||
           std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace raftkv::server
