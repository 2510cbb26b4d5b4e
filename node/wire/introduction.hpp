#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "node/raft/membership.hpp"
#include "node/wire/greeting.hpp"

// What goes back on a connection, from the node that it was made to: whom it knows, where it knows
// more than the caller said, and at last perhaps why it does not listen.

namespace raftkv::wire {

constexpr std::size_t max_introduction_body_bytes = 128u << 10;

// Appends one frame: the members as of an entry that is committed.
void encode_introduction(const raft::MembershipAt& members, std::string& out);

using ComesBack = std::variant<raft::MembershipAt, Refusal>;

struct ParsedAnswer {
    enum class Status : std::uint8_t { need_more, whole, malformed };
    Status status = Status::need_more;
    std::size_t consumed = 0;
    ComesBack answer;
};
// The first frame of what came back.
ParsedAnswer parse_answer(std::string_view input);

}  // namespace raftkv::wire
