#include "node/server/admin/admin_routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "node/raft/role.hpp"
#include "node/server/admin/report_text.hpp"
#include "node/server/problems.hpp"

namespace raftkv::server {
namespace {

AdminAnswer status(const ReportSource& source) {
    return {200, "application/json", status_json(source.report())};
}

AdminAnswer metrics(const ReportSource& source) {
    return {200, "text/plain; version=0.0.4", metrics_text(source.report())};
}

AdminAnswer members(const ReportSource& source) {
    return {200, "application/json", members_json(source.report())};
}

AdminAnswer healthz(const ReportSource& source) {
    const NodeReport report = source.report();
    const replica::Status& status = report.replica;
    std::string text;
    for (const Problem& problem : problems_of(status.id, status)) text += problem.text + "\n";
    if (!report.waits.empty()) text += report.waits + "\n";
    if (!text.empty()) return {503, "text/plain", text};
    if (status.leader) return {200, "text/plain", "ok\n"};
    text = "no leader is known\n";
    for (const auto& [peer, cluster] : report.foreigners)
        text += fmt::format("node {} belongs to cluster {:016x}, and this node to {:016x}\n",
                            peer.value(), cluster, report.members.cluster_id);
    return {503, "text/plain", text};
}

AdminAnswer leader(const ReportSource& source) {
    const replica::Status status = source.report().replica;
    if (status.role == raft::Role::leader && !status.distrusted)
        return {200, "text/plain", fmt::format("node {} leads\n", status.id.value())};
    if (status.leader && *status.leader != status.id)
        return {503, "text/plain",
                fmt::format("node {} does not lead: node {} does\n", status.id.value(),
                            status.leader->value())};
    return {503, "text/plain",
            fmt::format("node {} does not lead, and no leader is known\n", status.id.value())};
}

struct Route {
    std::string_view target;
    AdminAnswer (*handle)(const ReportSource&);
};

constexpr std::array routes{
    Route{"/status", status},   Route{"/healthz", healthz}, Route{"/leader", leader},
    Route{"/metrics", metrics}, Route{"/members", members},
};

constexpr std::string_view read_methods = "GET, HEAD, OPTIONS";
constexpr std::string_view order_methods = "POST, OPTIONS";
constexpr std::string_view all_methods = "GET, HEAD, POST, OPTIONS";

// Empty: there is no such path.
std::string_view methods_of(std::string_view path) {
    if (path == snapshot_path || path == "*") return all_methods;
    if (path == transfer_path || path == bootstrap_path || path.starts_with(members_prefix))
        return order_methods;
    if (dump_form_of(path)) return read_methods;
    const bool known = std::any_of(routes.begin(), routes.end(),
                                   [path](const Route& route) { return route.target == path; });
    return known ? read_methods : "";
}

}  // namespace

std::optional<DumpForm> dump_form_of(std::string_view target) {
    const std::string_view path = target.substr(0, target.find('?'));
    if (path == "/dump") return DumpForm::values;
    if (path == "/state") return DumpForm::hashes;
    return std::nullopt;
}

AdminAnswer answer(std::string_view method, std::string_view target, const ReportSource& source) {
    const std::string_view path = target.substr(0, target.find('?'));
    const std::string_view methods = methods_of(path);
    if (methods.empty()) {
        return {404, "text/plain",
                "there are /status, /healthz, /leader, /metrics, /members, /state, /dump, "
                "/snapshot, POST /transfer, /bootstrap and POST /members/add, remove, promote, "
                "replace, move\n"};
    }
    if (method == "OPTIONS") return {204, "text/plain", "", std::string(methods)};
    if (method == "GET" || method == "HEAD") {
        for (const Route& route : routes)
            if (route.target == path) return route.handle(source);
    }
    return {405, "text/plain", fmt::format("only {} are understood here\n", methods),
            std::string(methods)};
}

}  // namespace raftkv::server
