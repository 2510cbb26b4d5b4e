#pragma once

#include <optional>
#include <vector>

#include "cli/admin/members.hpp"
#include "cli/cluster/cluster_paths.hpp"
#include "common/config.hpp"
#include "common/result.hpp"

// Who belongs to the cluster, as a supervisor last heard it: config.json has the first members
// only. Kept in a file beside the data, for the next start, when there may be nobody to ask.

namespace raftkv::cli {

// Nothing when there is no file, or none that makes sense: then the first members are all that is
// known, and the nodes tell the rest.
std::optional<MembersView> load_known_members(const ClusterPaths& paths);
// The file has either its old or its new content, whatever happens.
Result<void> save_known_members(const ClusterPaths& paths, const MembersView& view);

// `config` with these members in the place of its servers. Members whose address nobody knows are
// left out.
ClusterConfig with_members(ClusterConfig config, const MembersView& view);

}  // namespace raftkv::cli
