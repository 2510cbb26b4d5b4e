#include "node/server/admin/transfer_orders.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "common/check.hpp"
#include "node/server/admin/order_answers.hpp"

namespace raftkv::server {
namespace {

using raft::TransferStart;

struct Target {
    bool valid = true;
    std::optional<NodeId> to;
};

Target parse(std::string_view query) {
    if (query.empty()) return {};
    constexpr std::string_view key = "to=";
    if (!query.starts_with(key)) return {false, {}};
    const char* end = query.data() + query.size();
    std::uint32_t id = 0;
    auto [stop, error] = std::from_chars(query.data() + key.size(), end, id);
    if (error != std::errc() || stop != end) return {false, {}};
    return {true, NodeId(id)};
}

}  // namespace

TransferOrders::TransferOrders(NodeId self, Leadership& leadership, std::uint32_t patience_ms)
    : self_(self), leadership_(leadership), patience_ms_(patience_ms) {}

void TransferOrders::take(std::string_view query, MonotonicMs now, AdminReply reply) {
    const Target target = parse(query);
    if (!target.valid)
        return reply(say(bad_request, "give /transfer, or /transfer?to= and the id of a node"));
    // Not another one while this one's end has yet to be told, even if the leader has gone on.
    const TransferStart start = order_ ? TransferStart::under_way : leadership_.transfer(target.to);
    if (start != TransferStart::begun) return reply(refusal(start, target.to));
    const replica::Standing standing = leadership_.standing();
    RAFTKV_CHECK(standing.hands_over_to.has_value());
    order_ = Order{*standing.hands_over_to, standing.term, now, std::move(reply)};
}

void TransferOrders::observe(MonotonicMs now) {
    if (!order_) return;
    std::optional<AdminAnswer> answer = outcome(now);
    if (!answer) return;
    AdminReply reply = std::move(order_->reply);
    order_.reset();
    reply(std::move(*answer));
}

AdminAnswer TransferOrders::refusal(TransferStart why, std::optional<NodeId> to) const {
    const std::uint32_t self = self_.value();
    const std::uint32_t target = to.value_or(self_).value();
    switch (why) {
        case TransferStart::not_leading: {
            const std::optional<NodeId> leader = leadership_.standing().leader;
            if (!leader) return say(unavailable, "there is no leader that could hand over");
            return say(ask_another, fmt::format("node {} does not lead: ask node {}, which does",
                                                self, leader->value()));
        }
        case TransferStart::leads_already:
            return say(conflict, fmt::format("node {} leads already", self));
        case TransferStart::no_voter:
            return say(conflict,
                       fmt::format("node {} has no vote, and cannot lead before it has", target));
        case TransferStart::no_such_server:
            return say(bad_request, fmt::format("the cluster has no node {}", target));
        case TransferStart::not_connected:
            return say(conflict, fmt::format("node {} does not answer node {}, which leads: is it "
                                             "running?",
                                             target, self));
        case TransferStart::too_far_behind:
            return say(conflict, fmt::format("node {} is too far behind: wait until it has caught "
                                             "up (its lag is in the status)",
                                             target));
        case TransferStart::under_way:
            return say(conflict, fmt::format("node {} is handing over already", self));
        case TransferStart::nobody_connected:
            return say(conflict,
                       fmt::format("no other node is connected with node {}, which leads", self));
        case TransferStart::begun:
            break;
    }
    check_failed("a reason", __FILE__, __LINE__);
}

std::optional<AdminAnswer> TransferOrders::outcome(MonotonicMs now) const {
    const replica::Standing standing = leadership_.standing();
    const std::uint32_t to = order_->to.value();
    if (standing.role == raft::Role::leader && standing.term == order_->term) {
        if (standing.hands_over_to == order_->to) return std::nullopt;
        return say(gave_up, fmt::format("node {} did not take over: it was not there, or needed "
                                        "more than {} ms; node {} goes on leading",
                                        to, patience_ms_, self_.value()));
    }
    if (!standing.leader) {
        if (now - order_->begun < 2 * std::int64_t{patience_ms_}) return std::nullopt;
        return say(unavailable, fmt::format("node {} no longer leads, and no new leader is known "
                                            "yet: look at the status",
                                            self_.value()));
    }
    if (standing.leader != order_->to) {
        return say(gave_up, fmt::format("node {} leads in term {}, and not node {}",
                                        standing.leader->value(), standing.term.value(), to));
    }
    const nlohmann::ordered_json report = {{"from", self_.value()},
                                           {"to", to},
                                           {"term", standing.term.value()},
                                           {"ms", now - order_->begun}};
    return AdminAnswer{200, "application/json", report.dump() + "\n"};
}

}  // namespace raftkv::server
