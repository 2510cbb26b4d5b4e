#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/protocol/reply.hpp"
#include "common/protocol/request.hpp"

// Incremental parsers of the client protocol, both directions. They never copy and never allocate:
// the caller keeps the unconsumed bytes in one buffer and offers all of it again when more arrived.

namespace raftkv::protocol {

enum class ParseStatus : std::uint8_t {
    need_more,      // nothing complete; drop `consumed` bytes, keep the rest, offer it with more
    request,        // one command is complete
    bad_command,    // answer ERR_CMD_ERR and go on
    bad_and_close,  // answer ERR_CMD_ERR and close: the stream cannot be followed further
};

struct ParsedRequest {
    ParseStatus status = ParseStatus::need_more;
    // How many bytes at the front of the input are done with. The views of `request` point into
    // them, so they are valid until the caller's buffer changes.
    std::size_t consumed = 0;
    Request request;
};

struct Fields;

// The server's side: bytes of a client to commands. However the stream is cut into pieces, the
// sequence of results other than need_more is the same. A refused value is answered when its last
// byte has been swallowed.
class RequestParser {
  public:
    explicit RequestParser(std::uint32_t max_value_bytes) : max_value_bytes_(max_value_bytes) {}

    // `input` starts with the first byte not yet consumed. While need_more is answered the caller
    // needs room for at most max_header_bytes + max_value_bytes unconsumed bytes. After
    // bad_and_close there is nothing more to ask.
    ParsedRequest next(std::string_view input);

  private:
    // The line at `line` is a header of `fields`; its value, if any, starts at `value`.
    ParsedRequest after_line(std::string_view input, std::size_t line, std::size_t value,
                             const Fields& fields);
    ParsedRequest swallow(std::string_view input, std::size_t start);
    ParsedRequest close(std::string_view input);

    std::uint32_t max_value_bytes_;
    std::size_t to_swallow_ = 0;  // bytes of a refused value still to come
    std::size_t scanned_ = 0;     // prefix of the input known to hold no line end
    std::size_t needed_ = 0;      // a header was read: no use to look again with fewer bytes
};

struct ParsedReply {
    enum class Status : std::uint8_t { need_more, reply, malformed };
    Status status = Status::need_more;
    std::size_t consumed = 0;
    Reply reply;  // its value points into the input
};

// The client's side. `expected` is the command that the reply belongs to: get and getm both answer
// VALUE, with different fields. A reply that such a command cannot get is malformed: replies and
// requests are out of step. The reply is complete with its line end, that after a value included.
ParsedReply parse_reply(std::string_view input, Op expected);

}  // namespace raftkv::protocol
