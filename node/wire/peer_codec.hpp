#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/strong_types.hpp"
#include "node/raft/message.hpp"
#include "node/wire/frame.hpp"
#include "node/wire/greeting.hpp"

// Peer messages as bytes. README.md of this folder has the layout.

namespace raftkv::wire {

// Appends one frame.
void encode_frame(const raft::Message& message, std::string& out);

struct ParsedFrame {
    enum class Status : std::uint8_t { need_more, hello, message, malformed };
    Status status = Status::need_more;
    std::size_t consumed = 0;  // bytes at the front of the input that are done with
    Hello hello;
    raft::Message message;  // its entries own a copy of their bytes
};

// Looks for one frame at the front of `input`. `first` is true for the first frame of a connection,
// which must be a Hello, and small; later ones must be messages. Malformed bytes cannot be followed
// further: the connection is to be closed.
ParsedFrame parse_frame(std::string_view input, bool first);

}  // namespace raftkv::wire
