#include "node/wire/introduction.hpp"

#include <utility>

#include "common/bytes.hpp"
#include "node/wire/frame.hpp"
#include "node/wire/kind.hpp"

namespace raftkv::wire {
namespace {

std::optional<raft::MembershipAt> read_introduction(std::string_view body) {
    ByteReader in(body);
    const auto kind = in.take<std::uint8_t>();
    const LogIndex index(in.take<std::uint64_t>());
    if (!in.ok() || static_cast<Kind>(kind) != Kind::introduction) return std::nullopt;
    auto members = raft::decode_membership(in.rest());
    if (!members) return std::nullopt;
    return raft::MembershipAt{index, std::move(*members)};
}

}  // namespace

void encode_introduction(const raft::MembershipAt& members, std::string& out) {
    put_frame(out, [&] {
        put_kind(out, Kind::introduction);
        put(out, members.index.value());
        out.append(raft::encode(members.members));
    });
}

ParsedAnswer parse_answer(std::string_view input) {
    ParsedAnswer parsed;
    const FrameLook look = look_for_frame(input, max_introduction_body_bytes);
    if (look.status == FrameLook::Status::need_more) return parsed;
    parsed.status = ParsedAnswer::Status::malformed;
    if (look.status == FrameLook::Status::malformed) return parsed;
    parsed.consumed = frame_header_bytes + look.body.size();
    if (auto introduction = read_introduction(look.body)) {
        parsed.answer = std::move(*introduction);
    } else if (auto refusal = read_refusal(input.substr(0, parsed.consumed))) {
        parsed.answer = *refusal;
    } else {
        return parsed;
    }
    parsed.status = ParsedAnswer::Status::whole;
    return parsed;
}

}  // namespace raftkv::wire
