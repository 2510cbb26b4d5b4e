#pragma once

#include <optional>

#include "cli/admin/members.hpp"
#include "common/config.hpp"
#include "node/raft/membership.hpp"

namespace raftkv::cli::backup {

// Who the members are, as far as the folders tell that are in "Path": the newest membership that is
// in the log of any of them, and whoever belongs to the newest that is committed. For when the file
// is lost that the supervisor keeps (members.json). Nothing where no folder of the cluster of
// "Path" can be read; those of nodes that run cannot. Its `index` is that of the committed one.
std::optional<MembersView> members_of_folders(const ClusterConfig& config);

// Where a member is reached: as the membership says, or else as the configuration does.
ServerConfig place_of(const ClusterConfig& config, const raft::Member& member);

}  // namespace raftkv::cli::backup
