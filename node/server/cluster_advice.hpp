#pragma once

#include <cstdint>
#include <string>

#include "common/strong_types.hpp"
#include "node/raft/lobby.hpp"
#include "node/wire/greeting.hpp"

// What people read about a node and its cluster: why, and what to do.

namespace raftkv::server {

// `other` belongs to the cluster `its`, and this node to `ours`.
std::string advice_about(NodeId other, std::uint64_t its, std::uint64_t ours);

// What is noted beside `folder`, which is of the cluster `ours`, is another one.
std::string advice_about_record(const std::string& where, std::uint64_t recorded,
                                const std::string& folder, std::uint64_t ours);

// Why a node ends that a majority of the members refuses, whose data is in `folder`.
std::string why_no_member(wire::Refusal::Reason reason, const std::string& folder);

// Why a node that belongs to no cluster waits; empty: for nothing that anybody could do. `where` is
// what says that a cluster was bootstrapped here.
std::string why_it_waits(const raft::LobbyVerdict& verdict, NodeId self, const std::string& where);

}  // namespace raftkv::server
