#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "common/check.hpp"
#include "common/checksum.hpp"

// What every frame looks like: u32 body length | u64 XXH3 of the body | body.

namespace raftkv::wire {

constexpr std::size_t frame_header_bytes = 12;
constexpr std::size_t max_frame_body_bytes = 4u << 20;  // checked before anything is allocated

// Writes a frame around what `write_body` appends; the header is filled in afterwards.
template <class WriteBody>
void put_frame(std::string& out, WriteBody&& write_body) {
    const std::size_t start = out.size();
    out.append(frame_header_bytes, '\0');
    write_body();
    const std::string_view body = std::string_view(out).substr(start + frame_header_bytes);
    RAFTKV_CHECK(body.size() <= max_frame_body_bytes);
    const auto length = static_cast<std::uint32_t>(body.size());
    const std::uint64_t sum = checksum(body);
    std::memcpy(out.data() + start, &length, sizeof length);
    std::memcpy(out.data() + start + sizeof length, &sum, sizeof sum);
}

struct FrameLook {
    enum class Status : std::uint8_t { need_more, whole, malformed };
    Status status = Status::need_more;
    std::string_view body;
};

// Looks for one frame at the front of `input`, with a body of at most `limit` bytes.
FrameLook look_for_frame(std::string_view input, std::size_t limit);

}  // namespace raftkv::wire
