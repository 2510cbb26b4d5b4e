#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/strong_types.hpp"

// The client protocol, replies. See docs/protocol.md.

namespace raftkv::protocol {

enum class ReplyKind : std::uint8_t {
    ok,           // OK <version>
    value,        // VALUE <numbytes>
    value_meta,   // VALUE <version> <exptime> <numbytes>
    deleted,      // DELETED
    cmd_err,      // ERR_CMD_ERR
    version_err,  // ERR_VERSION; the misspelt ERR_VERION is understood too
    not_found,    // ERR_NOT_FOUND
    internal,     // ERR_INTERNAL: the outcome is not known
    redirect,     // REDIRECT <leader id>: certainly not done
};

struct Reply {
    ReplyKind kind = ReplyKind::internal;
    std::uint64_t version = 0;    // ok, value_meta
    std::uint32_t exptime_s = 0;  // value_meta
    std::string_view value;       // value, value_meta
    NodeId leader;                // redirect
};

// Appends the reply as it goes over the wire.
void format(const Reply& reply, std::string& out);

}  // namespace raftkv::protocol
