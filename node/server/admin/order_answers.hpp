#pragma once

#include <string>
#include <utility>

#include "node/server/admin/admin_routes.hpp"

// How orders over the admin port are answered.

namespace raftkv::server {

// HTTP codes, as the command line tells them apart.
constexpr unsigned bad_request = 400;
constexpr unsigned conflict = 409;
constexpr unsigned ask_another = 421;
constexpr unsigned wait_first = 423;
constexpr unsigned unavailable = 503;
constexpr unsigned gave_up = 504;

inline AdminAnswer say(unsigned status, std::string text) {
    return {status, "text/plain", std::move(text) + "\n"};
}

}  // namespace raftkv::server
