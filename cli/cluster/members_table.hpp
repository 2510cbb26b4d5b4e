#pragma once

#include <string>

#include "cli/admin/members.hpp"

namespace raftkv::cli {

// A headline and a line for each member.
std::string members_table(const MembersView& view);

}  // namespace raftkv::cli
