#pragma once

#include <string>
#include <string_view>

#include "node/server/admin/node_report.hpp"

namespace raftkv::server {

struct AdminAnswer {
    unsigned status = 200;
    std::string content_type = "text/plain";
    std::string body;
};

// An order, and so not answered here.
constexpr std::string_view transfer_path = "/transfer";
// Of all orders about members.
constexpr std::string_view members_prefix = "/members/";

// GET sends the file of the newest snapshot, POST has one taken: snapshot_source.hpp.
constexpr std::string_view snapshot_path = "/snapshot";

// GET /dump, which is no AdminAnswer: dump_lines.hpp.
bool is_dump(std::string_view target);

// `method` and `target` as they stand in the request line.
AdminAnswer answer(std::string_view method, std::string_view target, const ReportSource& source);

}  // namespace raftkv::server
