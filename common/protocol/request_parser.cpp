#include <algorithm>
#include <cstring>
#include <limits>

#include "common/protocol/fields.hpp"
#include "common/protocol/http_line.hpp"
#include "common/protocol/parser.hpp"

namespace raftkv::protocol {
namespace {

struct Header {
    bool good = false;
    // The value that follows, by the header's word. It counts for a bad header too, so that the
    // next command is found behind it. 0: none follows, or nobody knows.
    std::uint64_t value_bytes = 0;
    Request request;
};

struct Command {
    std::string_view name;
    Op op;
    std::size_t fields;  // its name included
};

constexpr Command commands[] = {
    {"get", Op::get, 2},   {"set", Op::set, 4},    {"cas", Op::cas, 5},
    {"getm", Op::getm, 2}, {"delete", Op::del, 2},
};

const Command* find_command(std::string_view name) {
    const auto* found =
        std::find_if(std::begin(commands), std::end(commands),
                     [name](const Command& command) { return command.name == name; });
    return found == std::end(commands) ? nullptr : found;
}

std::uint64_t parse_value_bytes(std::string_view field) {
    std::uint64_t number = 0;
    switch (parse_number(field, number)) {
        case Number::ok:
            return number;
        case Number::not_a_number:
            return 0;
        case Number::too_large:
            return std::numeric_limits<std::uint64_t>::max();
    }
    return 0;
}

bool parse_exptime(std::string_view field, std::uint32_t& exptime_s) {
    return parse_number(field, exptime_s) == Number::ok && exptime_s <= max_exptime_s;
}

Header parse_header(const Fields& fields) {
    Header header;
    const Command* command = find_command(fields.at[0]);
    if (command == nullptr || fields.count != command->fields) return header;

    Request& request = header.request;
    request.op = command->op;
    request.key = fields.at[1];
    header.good = is_valid_key(request.key);
    if (request.op != Op::set && request.op != Op::cas) return header;

    header.good &= parse_exptime(fields.at[2], request.exptime_s);
    if (request.op == Op::cas) {
        header.good &= parse_number(fields.at[3], request.version) == Number::ok;
    }
    header.value_bytes = parse_value_bytes(fields.at[command->fields - 1]);
    header.good &= header.value_bytes > 0;
    return header;
}

}  // namespace

bool is_valid_key(std::string_view key) {
    if (key.empty() || key.size() > max_key_bytes) return false;
    return std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

ParsedRequest RequestParser::next(std::string_view input) {
    if (to_swallow_ > 0) return swallow(input, 0);
    if (input.size() < needed_) return {};
    needed_ = 0;

    std::size_t start = 0;
    for (;;) {
        const std::string_view rest = input.substr(start);
        const std::size_t searched = std::min(rest.size(), max_header_bytes);
        const void* found = nullptr;
        if (searched > scanned_) {
            found = std::memchr(rest.data() + scanned_, '\n', searched - scanned_);
        }
        if (found == nullptr) {
            if (searched == max_header_bytes) return close(input);
            scanned_ = searched;
            return {ParseStatus::need_more, start, {}};
        }
        scanned_ = 0;
        const auto newline =
            static_cast<std::size_t>(static_cast<const char*>(found) - rest.data());
        const Fields fields = split(without_line_end(rest, newline));
        if (fields.count > 0) return after_line(input, start, start + newline + 1, fields);
        start += newline + 1;
    }
}

ParsedRequest RequestParser::after_line(std::string_view input, std::size_t line, std::size_t value,
                                        const Fields& fields) {
    Header header = parse_header(fields);
    const std::uint64_t value_bytes = header.value_bytes;
    if (value_bytes > std::max<std::uint64_t>(max_swallowed_bytes, max_value_bytes_)) {
        return close(input);
    }
    const bool good = header.good && value_bytes <= max_value_bytes_;
    if (!good) {
        const std::string_view text = input.substr(line, value - line);
        if (is_http_line(without_line_end(text, text.size() - 1))) return close(input);
    }
    if (!good && value_bytes > 0) {
        to_swallow_ = value_bytes;
        return swallow(input, value);
    }
    if (!good) return {ParseStatus::bad_command, value, {}};
    if (input.size() - value < value_bytes) {
        needed_ = value - line + value_bytes;
        return {ParseStatus::need_more, line, {}};
    }
    header.request.value = input.substr(value, value_bytes);
    return {ParseStatus::request, value + value_bytes, header.request};
}

ParsedRequest RequestParser::swallow(std::string_view input, std::size_t start) {
    const std::size_t here = std::min(to_swallow_, input.size() - start);
    to_swallow_ -= here;
    // Answered only now, so that a client which reads the answer before it sent the whole value
    // does not take the answer for that of a later command.
    return {to_swallow_ > 0 ? ParseStatus::need_more : ParseStatus::bad_command, start + here, {}};
}

ParsedRequest RequestParser::close(std::string_view input) {
    return {ParseStatus::bad_and_close, input.size(), {}};
}

}  // namespace raftkv::protocol
