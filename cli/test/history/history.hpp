#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol/request.hpp"

// What clients did and what they were told: the evidence that the verdict is reached from.

namespace raftkv::test {

using Instant = std::chrono::steady_clock::time_point;

enum class Outcome : std::uint8_t {
    ok,        // OK, VALUE or DELETED
    absent,    // ERR_NOT_FOUND
    conflict,  // ERR_VERSION
    not_done,  // certainly without effect
    unknown,   // a write that may have happened, or may happen later
};

// One command, from before it was sent until after its reply. Every value that is ever written is
// different from all others, so a value names its writer; only its fingerprint is kept.
struct Operation {
    std::uint32_t client = 0;
    protocol::Op op = protocol::Op::get;
    std::string key;
    std::uint64_t fingerprint = 0;  // of the value written, or of the value read
    std::uint32_t exptime_s = 0;    // of the value written, or read by getm
    std::uint64_t expected = 0;     // cas: the version it was made for
    std::uint64_t version = 0;      // given to a write, or read by getm; 0 where none was told
    Outcome outcome = Outcome::unknown;
    Instant start, end;

    bool reads() const { return op == protocol::Op::get || op == protocol::Op::getm; }
    // set and cas: the ones that leave a value.
    bool puts() const { return op == protocol::Op::set || op == protocol::Op::cas; }
};

using History = std::vector<Operation>;

// The `client` of what was not asked by a client but read out of the nodes at the end.
constexpr std::uint32_t observer = 1'000'000;

// What Operation::fingerprint holds for a value. The same sum as "value_hash" in GET /state.
std::uint64_t fingerprint_of(std::string_view value);

// "client 3's set of key s4 (1.203 s to 1.207 s)"; times count from `epoch`.
std::string describe(const Operation& operation, Instant epoch);

}  // namespace raftkv::test
