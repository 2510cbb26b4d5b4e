#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol/request.hpp"
#include "common/result.hpp"

// The client's commands: one table from which they are parsed, completed and explained.

namespace raftkv::cli::client {

enum class Verb : std::uint8_t { set, get, getm, cas, del, status, send, help, quit };

struct CommandInfo {
    Verb verb;
    std::string_view name;
    std::string_view arguments;  // as help shows them
    std::string_view summary;
    std::string_view details;  // lines of 80 columns at most
    bool raw_only = false;     // only with --raw
};

std::span<const CommandInfo> commands();
// nullptr when there is no such command.
const CommandInfo* find_command(std::string_view name);
// Says so, and which one may have been meant.
Error no_command(std::string_view name);

// A command, checked as far as it can be without a node.
struct Statement {
    Verb verb = Verb::help;
    std::string key;
    std::string value;            // set, cas; send: the bytes
    std::uint32_t exptime_s = 0;  // set, cas
    std::uint64_t version = 0;    // cas
    std::string topic;            // help: a command; status: a node; empty for all

    // Only for the verbs of the protocol: set, get, getm, cas, del. Its views point into this.
    bool is_request() const { return verb <= Verb::del; }
    protocol::Request request() const;
};

struct StatementOptions {
    bool hex = false;                              // values are hex digits
    std::uint32_t exptime_s = 0;                   // when a set or cas says nothing
    std::optional<std::uint32_t> max_value_bytes;  // when the configuration is known
    // A value that comes from elsewhere: set and cas then have no word for it.
    std::optional<std::string> value;
};

// Errors are of kind usage and say how the command is written.
Result<Statement> parse_statement(const std::vector<std::string>& words,
                                  const StatementOptions& options);

}  // namespace raftkv::cli::client
