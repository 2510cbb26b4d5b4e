#include "cli/admin/transfer.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/admin/admin_client.hpp"
#include "cli/admin/json_values.hpp"
#include "cli/admin/leader.hpp"
#include "cli/admin/member_ids.hpp"
#include "cli/admin/order_reply.hpp"
#include "common/check.hpp"
#include "common/printable.hpp"

namespace raftkv::cli {

namespace {

// A node answers within two election timeouts; this is for one that does not.
constexpr std::chrono::seconds answers_within{10};
// Leadership may move on its own between the question who leads and the order.
constexpr int tries = 3;

Result<TransferReport> parse_report(const std::string& body) {
    try {
        const auto object = nlohmann::json::parse(body);
        TransferReport report;
        report.from = node_id_in(object.at("from"));
        report.to = node_id_in(object.at("to"));
        report.term = Term(count_in(object.at("term")));
        report.took_ms = count_in(object.at("ms"));
        return report;
    } catch (const std::exception& error) {
        return Error{ErrorKind::failed,
                     fmt::format("not an answer to a transfer: {}", printable_line(error.what()))};
    }
}

std::string target_of(std::optional<NodeId> to) {
    return to ? fmt::format("/transfer?to={}", to->value()) : "/transfer";
}

Result<TransferReport> report_of(const HttpReply& reply) {
    if (reply.code == 200) return parse_report(reply.body);
    return Error{kind_of_refusal(reply.code), reason_in(reply)};
}

}  // namespace

Result<TransferReport> order_transfer(const ServerConfig& leader, std::optional<NodeId> to,
                                      std::chrono::milliseconds timeout) {
    const auto reply = http_post(leader.admin_host, leader.admin_port, target_of(to), timeout);
    if (!reply) return reply.error();
    return report_of(*reply);
}

Result<TransferReport> transfer_leadership(const ClusterConfig& config, std::optional<NodeId> to) {
    if (to && !config.find(*to)) {
        return Error{ErrorKind::usage, fmt::format("the cluster has no node {}; its members are {}",
                                                   to->value(), ids_of(config.servers))};
    }
    HttpReply reply;
    for (int attempt = 0; attempt < tries; ++attempt) {
        const auto leader = find_leader(config);
        if (!leader) return leader.error();
        auto answer =
            http_post(leader->admin_host, leader->admin_port, target_of(to), answers_within);
        if (!answer) return answer.error();
        reply = std::move(*answer);
        if (reply.code != ask_another) break;
    }
    return report_of(reply);
}

}  // namespace raftkv::cli
