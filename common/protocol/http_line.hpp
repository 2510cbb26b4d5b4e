#pragma once

#include <string_view>

namespace raftkv::protocol {

// True for the first line of an HTTP request ("POST / HTTP/1.1") and for a line of its header
// ("Host: localhost:9000"): a page in somebody's browser can send both to a client port, and
// commands in the body after them. `line` comes without its end, and is no well-formed command.
bool is_http_line(std::string_view line);

}  // namespace raftkv::protocol
