#pragma once

#include <filesystem>
#include <optional>

#include "cli/admin/members.hpp"
#include "cli/admin/node_answers.hpp"
#include "common/config.hpp"
#include "common/result.hpp"

// Who the servers are now. config.json has the first members only; who belongs to the cluster since
// is asked of whoever answers. A supervisor keeps what it last heard in a file beside the data, for
// when nobody of config.json is left, or nobody runs. The file counts for the cluster and the
// folder that it was written for, and not in a copy.

namespace raftkv::cli {

// Where a supervisor keeps it; `data` is "Path" of config.json.
std::filesystem::path members_file(const std::filesystem::path& data);

// The cluster that was bootstrapped in "Path", as the files there say; 0: none is known.
std::uint64_t cluster_in(const std::filesystem::path& data);

// Nothing when there is no file, or none that makes sense and was written for this place: then the
// first members are all that is known, and the nodes tell the rest.
std::optional<MembersView> load_known_members(const std::filesystem::path& data);
// The file has either its old or its new content, whatever happens.
Result<void> save_known_members(const std::filesystem::path& data, const MembersView& view);
// What find_members(), ask_nodes() and change_members() do, of the cluster that was bootstrapped in
// "Path": whoever else answers at the addresses of its servers does not count.
Result<MembersView> find_members(const ClusterConfig& config);
std::vector<NodeAnswer> ask_nodes(const ClusterConfig& config, std::chrono::milliseconds timeout);
Result<void> change_members(const ClusterConfig& config, const std::string& order);

// For who makes another cluster in this place: nobody may take the members of the old one for its.
Result<void> forget_known_members(const std::filesystem::path& data);

// `config` with these members in the place of its servers. Members whose address nobody knows are
// left out.
ClusterConfig with_members(ClusterConfig config, const MembersView& view);

// `config` with the servers as they were last heard of, without asking anybody.
ClusterConfig with_known_servers(const ClusterConfig& config);
// The same and those of config.json that are gone: whoever may have left something behind here.
ClusterConfig with_all_servers(const ClusterConfig& config);
// `config` with the servers of now: as a node of this cluster says that answers, of those that the
// configuration names, or else those of the file; else as they were last heard of. Takes half a
// second for one that is silent.
ClusterConfig with_servers_of_now(const ClusterConfig& config);
// load_config() and with_servers_of_now(): what a command works with.
Result<ClusterConfig> load_cluster(const std::filesystem::path& config_file);

}  // namespace raftkv::cli
