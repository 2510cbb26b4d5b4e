#pragma once

#include <string_view>

#include "common/result.hpp"
#include "node/raft/member_change.hpp"

namespace raftkv::server {

// What an order about members asks for: "/members/add?id=3&host=db-3&client_port=9003&log_port=9203
// &admin_port=9103&admin_host=localhost&learner=1", "/members/remove?id=3&force=1",
// "/members/promote?id=3", "/members/replace?old=1&" and then as add, or
// "/members/move?id=3&host=..." with the whole new address. Untrusted bytes; errors are of kind
// usage.
Result<raft::MemberChange> parse_member_request(std::string_view target);

}  // namespace raftkv::server
