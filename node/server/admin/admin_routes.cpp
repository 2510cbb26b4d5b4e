#include "node/server/admin/admin_routes.hpp"

#include <array>
#include <string>

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
    const replica::Status status = source.report().replica;
    std::string text;
    for (const Problem& problem : problems_of(status.id, status)) text += problem.text + "\n";
    if (!text.empty()) return {503, "text/plain", text};
    if (status.leader) return {200, "text/plain", "ok\n"};
    return {503, "text/plain", "no leader is known\n"};
}

struct Route {
    std::string_view target;
    AdminAnswer (*handle)(const ReportSource&);
};

constexpr std::array routes{
    Route{"/status", status},
    Route{"/healthz", healthz},
    Route{"/metrics", metrics},
    Route{"/members", members},
};

}  // namespace

std::optional<DumpForm> dump_form_of(std::string_view target) {
    const std::string_view path = target.substr(0, target.find('?'));
    if (path == "/dump") return DumpForm::values;
    if (path == "/state") return DumpForm::hashes;
    return std::nullopt;
}

AdminAnswer answer(std::string_view method, std::string_view target, const ReportSource& source) {
    std::string_view path = target.substr(0, target.find('?'));
    if (dump_form_of(path)) return {405, "text/plain", "only GET is understood here\n"};
    if (path == transfer_path || path.starts_with(members_prefix))
        return {405, "text/plain", "only POST is understood here\n"};
    if (path == snapshot_path)
        return {405, "text/plain", "only GET and POST are understood here\n"};
    for (const Route& route : routes) {
        if (route.target != path) continue;
        if (method != "GET") return {405, "text/plain", "only GET is understood here\n"};
        return route.handle(source);
    }
    return {404, "text/plain",
            "there are /status, /healthz, /metrics, /members, /state, /dump, /snapshot, POST "
            "/transfer and POST "
            "/members/add, remove, promote, replace\n"};
}

}  // namespace raftkv::server
