#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/admin/admin_client.hpp"
#include "common/config.hpp"
#include "common/result.hpp"

namespace raftkv::cli::client {

// What a node says of itself, or why it says nothing.
struct NodeReport {
    ServerConfig node;
    Result<NodeStatus> status;

    bool leads() const { return status && status->role == NodeRole::leader; }
};

// Asks all of them at once; `cluster` is as for ask_nodes() of cli/admin/node_answers.hpp.
std::vector<NodeReport> ask_nodes(const std::vector<ServerConfig>& nodes,
                                  std::chrono::milliseconds timeout, std::uint64_t cluster = 0);

// The one with the highest term when several think that they lead (an old leader that has not
// noticed yet); nullptr when none does.
const NodeReport* find_leader(const std::vector<NodeReport>& reports);

// Entries of the leader's log that are not known to be on this node's disk; nothing when nobody
// can tell.
std::optional<std::uint64_t> lag_of(const NodeReport& report, const NodeReport* leader);

// Lines of a table, a header first. With colors for a terminal.
std::string status_table(const std::vector<NodeReport>& shown, const NodeReport* leader,
                         bool colors);

// unavailable when nobody leads, or when the one node that was asked for does not answer.
ExitCode status_exit(const std::vector<NodeReport>& shown, const NodeReport* leader);

}  // namespace raftkv::cli::client
