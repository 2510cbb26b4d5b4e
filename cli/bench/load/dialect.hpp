#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/strong_types.hpp"

// The protocols that the load speaks. Requests are appended and replies are looked at without a
// copy or an allocation.

namespace raftkv::bench {

enum class Verb : std::uint8_t {
    set,   // a new key
    get,   // a value
    cas,   // replaces a key of a known version; elsewhere just a write
    getm,  // asks for the version again, where it was lost
};

inline bool writes(Verb verb) {
    return verb == Verb::set || verb == Verb::cas;
}

// What came of an operation.
enum class Outcome : std::uint8_t {
    done,
    conflict,     // a cas that came second: an answer like any other
    exists,       // a set of a key that is there already
    missing,      // a get of a key that is not there
    wrong_value,  // of another length
    refused,      // the server says that it does not do that
    failed_read,  // a read that the server could not do
    unknown,      // a write that may or may not have been done
    timed_out,    // no answer in time: of a write, not known either
    lost,         // the connection ended before the answer: likewise
    redirect,     // certainly not done: sent again, and no outcome yet
};
inline constexpr std::size_t outcome_count = 10;  // without `redirect`

// As --json and the table have it.
std::string_view name_of(Outcome outcome);
inline bool is_error(Outcome outcome) {
    return outcome != Outcome::done && outcome != Outcome::conflict;
}

struct Answer {
    enum class Status : std::uint8_t { need_more, complete, malformed };
    Status status = Status::need_more;
    std::size_t consumed = 0;
    Outcome outcome = Outcome::done;
    std::uint64_t version = 0;  // that a write gave or a getm told
    NodeId leader{};            // that a redirect names
};

class Dialect {
  public:
    virtual ~Dialect() = default;
    // `version` is what the last write of the key gave; only a cas needs it.
    virtual void append(std::string& out, Verb verb, std::string_view key, std::string_view value,
                        std::uint64_t version) const = 0;
    // The first reply in `input`, to a request of that verb. A get is done when its value has
    // `value_bytes`.
    virtual Answer read(std::string_view input, Verb verb, std::size_t value_bytes) const = 0;
};

const Dialect& raftkv_dialect();
const Dialect& redis_dialect();
const Dialect& memcached_dialect();

}  // namespace raftkv::bench
