#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cli/cluster/node_lifecycle.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

// What goes over the supervisor's socket: a JSON object a line. The client sends one request; the
// supervisor answers with any number of progress lines and one last line, done or failed.
//
//   {"command":"kill","node":2}              {"progress":"..."} ... {"done":"..."}
//   {"command":"restart","node":"all"}       {"failed":{"kind":"unavailable","message":"..."}}
//   {"command":"status"}                     {"status":{...}}
//   {"command":"down"}

namespace raftkv::cli {

constexpr std::size_t longest_request_line = 4096;
constexpr std::size_t longest_reply_line = 1 << 20;

struct ControlTarget {
    enum class Kind { one, leader, all };
    Kind kind = Kind::one;
    NodeId id = {};  // with Kind::one
};
// "2", "leader", "all". An Error of kind usage says what it may be.
Result<ControlTarget> parse_target(std::string_view text);
std::string to_text(const ControlTarget& target);

enum class ControlVerb { status, down, node };

struct ControlRequest {
    ControlVerb verb = ControlVerb::status;
    NodeCommand command = NodeCommand::start;  // with ControlVerb::node, like the rest
    ControlTarget target = {};
    bool force = false;  // a restart even if it costs the quorum
};

// Without the line end.
std::string to_line(const ControlRequest& request);
// Untrusted bytes; errors are of kind usage.
Result<ControlRequest> parse_request(std::string_view line);

struct ControlReply {
    enum class Kind { progress, status, done, failed };
    Kind kind = Kind::done;
    std::string text = {};                // of a status: the JSON of a ClusterView
    ErrorKind error = ErrorKind::failed;  // with Kind::failed

    bool is_last() const { return kind != Kind::progress; }
};
ControlReply failed_reply(const Error& error);

std::string to_line(const ControlReply& reply);
Result<ControlReply> parse_reply(std::string_view line);

}  // namespace raftkv::cli
