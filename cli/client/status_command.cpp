#include "cli/client/status_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/admin/member_ids.hpp"
#include "cli/client/escape.hpp"
#include "cli/client/node_report.hpp"

namespace raftkv::cli::client {

namespace {

// A node that is up answers in a millisecond.
constexpr std::chrono::milliseconds patience{1000};

}  // namespace

ExitCode show_status(const Target& known, const std::string& node,
                     std::chrono::milliseconds timeout, Printer& printer) {
    const Target target = with_members_of_now(known);
    const ServerConfig* wanted = target.find(node);
    if (!node.empty() && node != "leader" && wanted == nullptr) {
        return printer.error(
            {ErrorKind::usage,
             fmt::format("there is no node \"{}\": the members are {}; \"leader\" names one, too",
                         escaped_text(node), ids_of(target.nodes))});
    }
    // All are asked even for one, because a node's lag is only known to the leader.
    const auto reports = ask_nodes(target.nodes, std::min(timeout, patience), target.cluster);
    const NodeReport* leader = find_leader(reports);
    if (node.empty()) return printer.status(reports, leader);
    const NodeReport* shown = leader;
    for (const NodeReport& report : reports) {
        if (wanted != nullptr && report.node.id == wanted->id) shown = &report;
    }
    if (shown == nullptr) {
        return printer.error({ErrorKind::unavailable, "status leader: no node says it leads"});
    }
    return printer.status({*shown}, leader);
}

}  // namespace raftkv::cli::client
