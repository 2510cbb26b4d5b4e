#include "node/wire/greeting.hpp"

#include "common/bytes.hpp"
#include "common/check.hpp"
#include "node/wire/frame.hpp"
#include "node/wire/kind.hpp"

namespace raftkv::wire {
namespace {

constexpr std::uint32_t hello_magic = 0x766b6672;  // "rfkv"
constexpr std::uint16_t protocol_version = 5;
// Before clusters had identities it ended here.
constexpr std::size_t first_refusal_body_bytes = 1 + 1 + 8;
constexpr std::size_t refusal_body_bytes = first_refusal_body_bytes + 8;

bool is_reason(std::uint8_t byte) {
    return byte >= static_cast<std::uint8_t>(Refusal::Reason::other_cluster) &&
           byte <= static_cast<std::uint8_t>(Refusal::Reason::not_a_member);
}

}  // namespace

const std::size_t refusal_bytes = frame_header_bytes + refusal_body_bytes;

void encode_hello(const Hello& hello, std::string& out) {
    RAFTKV_CHECK(hello.host.size() <= max_host_bytes);
    put_frame(out, [&] {
        put_kind(out, Kind::hello);
        put(out, hello_magic);
        put(out, protocol_version);
        put(out, hello.cluster_id);
        put(out, hello.from.value());
        put(out, hello.to.value());
        put(out, hello.folder);
        put(out, hello.members_index.value());
        put(out, hello.log_port);
        put(out, static_cast<std::uint8_t>(hello.host.size()));
        out.append(hello.host);
        put(out, hello.guard);
        put(out, hello.founding);
        put(out, hello.founding_term.value());
        put(out, static_cast<std::uint8_t>(hello.is_member));
        put(out, hello.known_folder);
    });
}

void encode_refusal(const Refusal& refusal, std::string& out) {
    put_frame(out, [&] {
        put_kind(out, Kind::refusal);
        put(out, static_cast<std::uint8_t>(refusal.reason));
        put(out, refusal.members_index.value());
        put(out, refusal.cluster);
    });
}

std::optional<Hello> read_hello(std::string_view body) {
    ByteReader in(body);
    const auto kind = in.take<std::uint8_t>();
    const auto magic = in.take<std::uint32_t>();
    const auto version = in.take<std::uint16_t>();
    Hello hello;
    hello.cluster_id = in.take<std::uint64_t>();
    hello.from = NodeId(in.take<std::uint32_t>());
    hello.to = NodeId(in.take<std::uint32_t>());
    hello.folder = in.take<std::uint64_t>();
    hello.members_index = LogIndex(in.take<std::uint64_t>());
    hello.log_port = in.take<std::uint16_t>();
    hello.host = in.take_bytes(in.take<std::uint8_t>());
    std::uint8_t is_member = 0;
    if (!in.done()) {  // as it does where clusters have no identities
        hello.guard = in.take<std::uint64_t>();
        hello.founding = in.take<std::uint64_t>();
        hello.founding_term = Term(in.take<std::uint64_t>());
        is_member = in.take<std::uint8_t>();
        hello.known_folder = in.take<std::uint64_t>();
    }
    hello.is_member = is_member == 1;
    const bool right = in.done() && is_member <= 1 && static_cast<Kind>(kind) == Kind::hello &&
                       magic == hello_magic && version == protocol_version;
    if (!right) return std::nullopt;
    return hello;
}

std::optional<Refusal> read_refusal(std::string_view input) {
    const FrameLook look = look_for_frame(input, refusal_body_bytes);
    if (look.status != FrameLook::Status::whole ||
        input.size() != frame_header_bytes + look.body.size())
        return std::nullopt;
    ByteReader in(look.body);
    const auto kind = in.take<std::uint8_t>();
    const auto reason = in.take<std::uint8_t>();
    const LogIndex members_index(in.take<std::uint64_t>());
    const bool is_first = look.body.size() == first_refusal_body_bytes;
    const std::uint64_t cluster = is_first ? 0 : in.take<std::uint64_t>();
    if (!in.done() || static_cast<Kind>(kind) != Kind::refusal || !is_reason(reason))
        return std::nullopt;
    return Refusal{static_cast<Refusal::Reason>(reason), members_index, cluster};
}

}  // namespace raftkv::wire
