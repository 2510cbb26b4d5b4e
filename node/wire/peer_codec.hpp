#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/strong_types.hpp"
#include "node/raft/message.hpp"

// Peer messages as bytes. README.md of this folder has the layout.

namespace raftkv::wire {

constexpr std::size_t frame_header_bytes = 12;          // u32 body length | u64 XXH3 of the body
constexpr std::size_t max_frame_body_bytes = 4u << 20;  // checked before anything is allocated
constexpr std::size_t max_hello_body_bytes = 64;

// The first frame on a connection: who calls whom, and for which cluster.
struct Hello {
    std::uint64_t cluster_id = 0;
    NodeId from;
    NodeId to;
};

// Both append one frame.
void encode_hello(const Hello& hello, std::string& out);
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
