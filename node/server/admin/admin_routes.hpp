#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/server/admin/dump_lines.hpp"
#include "node/server/admin/node_report.hpp"

namespace raftkv::server {

struct AdminAnswer {
    unsigned status = 200;
    std::string content_type = "text/plain";
    std::string body;
    std::string allow = {};  // the methods that the target has: of a 405, and for OPTIONS
};

// An order, and so not answered here.
constexpr std::string_view transfer_path = "/transfer";
// To an empty node where automatic bootstrap is forbidden: to make a cluster with the others.
constexpr std::string_view bootstrap_path = "/bootstrap";
// Of all orders about members.
constexpr std::string_view members_prefix = "/members/";

// GET sends the file of the newest snapshot, POST has one taken: snapshot_source.hpp.
constexpr std::string_view snapshot_path = "/snapshot";

// GET /dump and GET /state, which are no AdminAnswers: dump_lines.hpp.
std::optional<DumpForm> dump_form_of(std::string_view target);

// `method` and `target` as they stand in the request line. For HEAD as for GET: the body is what
// its length is told of.
AdminAnswer answer(std::string_view method, std::string_view target, const ReportSource& source);

}  // namespace raftkv::server
