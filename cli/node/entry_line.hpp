#pragma once

#include <string>

#include "node/raft/types.hpp"

namespace raftkv::cli {

// An entry of the log for people, with values cut short; and whole, as JSON. One line each. Any
// payload may be in it.
std::string entry_text(const raft::Entry& entry, bool committed);
std::string entry_json(const raft::Entry& entry, bool committed);

}  // namespace raftkv::cli
