#include "cli/admin/node_answers.hpp"

#include <fmt/format.h>

#include <future>
#include <string_view>
#include <utility>

#include "cli/socket/socket.hpp"

namespace raftkv::cli {

namespace {

// On the machine itself the port is asked as on any other, but there "localhost" means another one.
bool listens_elsewhere_on_loopback(const ServerConfig& server) {
    constexpr std::chrono::milliseconds found_within{500};
    return !server.host.empty() && is_loopback_host(server.admin_host) &&
           !is_own_host(server.host, std::chrono::steady_clock::now() + found_within);
}

Error cannot_be_asked(const ServerConfig& server, bool elsewhere, std::string_view why) {
    const std::string name = server.id == any_node ? "the node at " + server.host
                                                   : fmt::format("node {}", server.id.value());
    return {ErrorKind::unavailable,
            fmt::format("{} cannot be asked: {}{}", name, why,
                        elsewhere ? "; it is of " + server.host +
                                        ", and its admin port listens on its own loopback only; "
                                        "set AdminHost"
                                  : "")};
}

NodeAnswer silent(const ServerConfig& server, Silence silence, Error reason) {
    return {server, std::nullopt, 0, silence, std::move(reason.message)};
}

NodeAnswer of_another_cluster(NodeAnswer answer) {
    const std::string why = fmt::format(
        "the node at {}:{} belongs to another cluster, {:016x} (\"raftkv cluster "
        "members\" and the nodes' logs say what to do)",
        answer.where.admin_host, answer.where.admin_port, answer.cluster_id);
    return silent(answer.where, Silence::unknown,
                  cannot_be_asked(answer.where, listens_elsewhere_on_loopback(answer.where), why));
}

}  // namespace

Error answered_by_another(const ServerConfig& server, NodeId who) {
    return cannot_be_asked(
        server, listens_elsewhere_on_loopback(server),
        fmt::format("node {} answers at {}:{}", who.value(), server.admin_host, server.admin_port));
}

Error not_asked(const ServerConfig& server, const Error& error) {
    return cannot_be_asked(server, listens_elsewhere_on_loopback(server), error.message);
}

NodeAnswer ask_node(const ServerConfig& server, std::chrono::milliseconds timeout) {
    constexpr std::size_t largest_status = 1 << 20;
    auto reply = http_get(server.admin_host, server.admin_port, "/status", timeout, largest_status);
    if (!reply) {
        const bool elsewhere = listens_elsewhere_on_loopback(server);
        const bool down = says_nobody_listens(reply.error()) && !elsewhere;
        return silent(server, down ? Silence::not_listening : Silence::unknown,
                      cannot_be_asked(server, elsewhere, reply.error().message));
    }
    auto status = parse_status(reply->body);
    if (!status) {
        const std::string why =
            fmt::format("what answers at {}:{} is no node: HTTP code {}, {}", server.admin_host,
                        server.admin_port, reply->code, status.error().message);
        return silent(server, Silence::unknown,
                      cannot_be_asked(server, listens_elsewhere_on_loopback(server), why));
    }
    if (server.id != any_node && status->id != server.id)
        return silent(server, Silence::unknown, answered_by_another(server, status->id));
    const std::uint64_t cluster = status->cluster;
    return {server, std::move(*status), cluster};
}

std::vector<NodeAnswer> ask_nodes(const std::vector<ServerConfig>& servers,
                                  std::chrono::milliseconds timeout, std::uint64_t cluster) {
    std::vector<std::future<NodeAnswer>> asked;
    for (const ServerConfig& server : servers)
        asked.push_back(std::async(std::launch::async,
                                   [server, timeout] { return ask_node(server, timeout); }));
    std::vector<NodeAnswer> answers;
    for (auto& each : asked) {
        NodeAnswer answer = each.get();
        if (answer.status && cluster == 0) cluster = answer.cluster_id;
        const bool ours = !answer.status || answer.cluster_id == 0 || answer.cluster_id == cluster;
        answers.push_back(ours ? std::move(answer) : of_another_cluster(std::move(answer)));
    }
    return answers;
}

std::optional<KnownLeader> leader_among(const std::vector<NodeAnswer>& answers) {
    std::optional<KnownLeader> leader, named;
    for (const NodeAnswer& answer : answers) {
        if (!answer.status) continue;
        const NodeStatus& status = *answer.status;
        // One that was cut off may not know yet that a later term has another.
        if (status.role == NodeRole::leader && (!leader || status.term > leader->term))
            leader = KnownLeader{status.id, status.term, &answer};
        if (status.leader && (!named || status.term > named->term))
            named = KnownLeader{*status.leader, status.term};
    }
    if (leader || !named) return leader;
    // Who answers and does not say that it leads does not lead.
    for (const NodeAnswer& answer : answers)
        if (answer.status && answer.status->id == named->id) return std::nullopt;
    return named;
}

}  // namespace raftkv::cli
