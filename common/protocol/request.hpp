#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// The client protocol, requests. See docs/protocol.md.

namespace raftkv::protocol {

enum class Op : std::uint8_t { set, get, getm, cas, del };

constexpr std::size_t max_key_bytes = 250;
constexpr std::size_t max_header_bytes = 1024;  // its line end included
constexpr std::size_t max_swallowed_bytes = 8u << 20;
constexpr std::uint32_t max_exptime_s = 10u * 365 * 24 * 3600;

// A well-formed command. The views point into the buffer it was parsed from.
struct Request {
    Op op = Op::get;
    std::string_view key;
    std::string_view value;       // set, cas
    std::uint32_t exptime_s = 0;  // set, cas; 0 is never
    std::uint64_t version = 0;    // cas

    bool writes() const { return op != Op::get && op != Op::getm; }
};

// 1 to 250 bytes of printable ASCII without blanks.
bool is_valid_key(std::string_view key);

// The command's name, as it is written.
std::string_view name_of(Op op);

// Appends a well-formed request as it goes over the wire.
void format(const Request& request, std::string& out);

}  // namespace raftkv::protocol
