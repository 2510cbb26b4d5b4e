#include "node/wire/frame.hpp"

#include "common/bytes.hpp"

namespace raftkv::wire {

FrameLook look_for_frame(std::string_view input, std::size_t limit) {
    ByteReader in(input);
    const auto length = in.take<std::uint32_t>();
    const auto sum = in.take<std::uint64_t>();
    if (input.size() >= sizeof length && length > limit) return {FrameLook::Status::malformed, {}};
    const std::string_view body = in.take_bytes(length);
    if (!in.ok()) return {};
    if (checksum(body) != sum) return {FrameLook::Status::malformed, {}};
    return {FrameLook::Status::whole, body};
}

}  // namespace raftkv::wire
