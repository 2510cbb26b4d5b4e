#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "cli/cluster/cluster_paths.hpp"
#include "cli/cluster/file_lock.hpp"
#include "cli/cluster/port_check.hpp"
#include "common/config.hpp"
#include "common/result.hpp"

// What a supervisor sees to before it starts anything.

namespace raftkv::cli {

// The nodes whose host is this machine. An Error of kind usage when there is none.
// Where the nodes are, asked within a second or two. An Error of kind usage when all hosts are
// known and none is this machine.
struct Places {
    std::vector<NodeId> here;
    std::vector<NodeId> unknown;     // their hosts' names do not resolve (yet)
    std::vector<std::string> notes;  // for people: what does not resolve, and what looks wrong
};
// That other machines cannot reach it, and what to do.
std::string loopback_note(const ServerConfig& server, const Whereabouts& where);
Result<Places> places_of(const ClusterConfig& config);
// Those that are here; an Error of kind unavailable when names would have to resolve first.
Result<std::vector<NodeId>> nodes_here(const ClusterConfig& config);

// Creates the data folder and locks it for this process. The Error of kind failed names the pid
// of the supervisor that has it already.
Result<FileLock> lock_cluster(const ClusterPaths& paths);
// The same, but one that is held is waited for, up to the limit, as long as the holder seems to
// be ending.
Result<FileLock> lock_when_free(const ClusterPaths& paths, std::chrono::milliseconds limit,
                                const std::function<bool()>& is_ending);
// The lock for a new supervisor. One that was killed a moment ago keeps its lock until the last
// of its threads is gone; so it is waited for, for a short time, unless it answers.
Result<FileLock> lock_as_supervisor(const ClusterPaths& paths);
// The pid that the lock file names while it is locked; 0 when it is not known.
int supervisor_pid(const ClusterPaths& paths);

// Ends nodes that an earlier supervisor left behind, and says so, a line each. Only processes
// that it had noted as its own, and that are still the same.
Result<std::vector<std::string>> end_leftovers(const ClusterPaths& paths,
                                               const std::vector<NodeId>& nodes);

// That every listener of these nodes could be opened.
Result<void> check_all_ports(const ClusterConfig& config, const std::vector<NodeId>& nodes);

}  // namespace raftkv::cli
