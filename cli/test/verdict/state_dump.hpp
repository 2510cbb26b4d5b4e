#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/test/history/history.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

namespace raftkv::test {

struct StateEntry {
    std::uint64_t version = 0;
    std::uint32_t exptime_s = 0;
    std::optional<std::int64_t> deadline_ms = std::nullopt;  // nothing: never
    std::uint64_t numbytes = 0;
    std::uint64_t fingerprint = 0;

    bool operator==(const StateEntry&) const = default;
};

// The applied state of one node, as GET /state tells it.
struct StateDump {
    NodeId node;
    LogIndex applied;
    std::string state_hash;
    std::map<std::string, StateEntry> keys;
};

// `text` is JSON lines: a header, then a line a key. Untrusted bytes.
Result<StateDump> parse_state(NodeId node, std::string_view text);

// Where the states differ, one sentence a key, at most `limit` of them; empty when they are equal,
// which includes the applied index and the hash.
std::vector<std::string> differences(const StateDump& left, const StateDump& right,
                                     std::size_t limit);

// The state as operations of an observer: a getm for each of its keys, and one that found nothing
// for each key that the history knows and the state lacks. All span `start` to `end`, between
// which the state was read.
History as_reads(const StateDump& state, const History& history, Instant start, Instant end);

}  // namespace raftkv::test
