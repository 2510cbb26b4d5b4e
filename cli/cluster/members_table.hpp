#pragma once

#include <string>

#include "cli/admin/members.hpp"
#include "cli/cluster/cluster_view.hpp"

namespace raftkv::cli {

// A headline and a line for each member; `nodes` is how they are, as the status has it.
std::string members_table(const MembersView& view, const ClusterView& nodes);
// What members_json() says, and the "state" of each as the status has it.
std::string members_with_states(const MembersView& view, const ClusterView& nodes);

}  // namespace raftkv::cli
