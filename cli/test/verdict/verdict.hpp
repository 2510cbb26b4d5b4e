#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/test/history/expiry.hpp"
#include "cli/test/history/history.hpp"

// Says what in a history no correct store could have answered. It never blames a correct one: an
// unknown write may have happened at any time after it was sent, or never, and whatever ran at the
// same time may have come in either order.

namespace raftkv::test {

enum class AnomalyKind : std::uint8_t {
    duplicate_version,   // one version given to two writes
    version_order,       // a version not above one that was acknowledged before
    wrong_version,       // a value read with another version than its write was given
    unwritten_value,     // a value that nobody wrote to this key
    refused_write,       // the value of a write that was refused
    stale_read,          // a value that had been replaced or deleted before the read began
    lost_write,          // absent although an acknowledged write must be there
    expired_read,        // there although its time was over
    impossible_success,  // a write that met a key which certainly was not in the state it needs
    impossible_refusal,  // a write refused although its condition certainly held
};

struct Anomaly {
    AnomalyKind kind;
    std::string text;  // one sentence, with who, which key and when
};

std::string_view name_of(AnomalyKind kind);

// Every anomaly of the history, those of versions first, then key by key.
std::vector<Anomaly> judge(const History& history, const Limits& limits);

}  // namespace raftkv::test
