#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/admin/admin_client.hpp"
#include "common/config.hpp"
#include "common/strong_types.hpp"

// What a node says at its admin port counts only if it is that node which says it, and of that
// cluster: on another machine, or after a while, somebody else may have the port.

namespace raftkv::cli {

// For a node of which only the address is known: whoever answers there is meant. Clients call it
// unknown_node.
inline constexpr NodeId any_node{0xffffffff};

// Why a node did not say how it is.
enum class Silence : std::uint8_t {
    none,           // it did
    not_listening,  // its machine answers, and nobody listens on the port: the node does not run
    unknown,        // nobody answers, or somebody else: nothing is known of the node
};

struct NodeAnswer {
    ServerConfig where;
    std::optional<NodeStatus> status;
    std::uint64_t cluster_id = 0;  // with a status; 0: it does not say
    Silence silence = Silence::none;
    std::string reason = {};  // "node 1 cannot be asked: node 0 answers at localhost:9100"
};

// Of whatever cluster that is.
NodeAnswer ask_node(const ServerConfig& server, std::chrono::milliseconds timeout);
// All at once, and of `cluster` alone; 0: of the one that the first who answers belongs to.
std::vector<NodeAnswer> ask_nodes(const std::vector<ServerConfig>& servers,
                                  std::chrono::milliseconds timeout, std::uint64_t cluster = 0);

// Why `server` cannot be asked when `who` answers in its place, or `error` says why nobody does:
// an Error of kind unavailable, with what to do about it.
Error answered_by_another(const ServerConfig& server, NodeId who);
Error not_asked(const ServerConfig& server, const Error& error);

// Who leads: of those that say so themselves, that of the highest term; else whom the newest term's
// followers name, who cannot be asked. Nothing when nobody knows of one.
struct KnownLeader {
    NodeId id;
    Term term;
    const NodeAnswer* answer = nullptr;  // its own, if it answered
};
std::optional<KnownLeader> leader_among(const std::vector<NodeAnswer>& answers);

}  // namespace raftkv::cli
