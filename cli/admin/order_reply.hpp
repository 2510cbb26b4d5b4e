#pragma once

#include <string>

#include "cli/admin/admin_client.hpp"
#include "common/error.hpp"

// What a node says to an order that it does not carry out.

namespace raftkv::cli {

// What an order to an admin port is refused with.
enum OrderCode : int { bad_request = 400, ask_another = 421, wait_first = 423, unavailable = 503 };

ErrorKind kind_of_refusal(int code);
// In words, or its code when it says nothing.
std::string reason_in(const HttpReply& reply);

}  // namespace raftkv::cli
