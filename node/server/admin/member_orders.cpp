#include "node/server/admin/member_orders.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "common/check.hpp"
#include "node/server/admin/member_request.hpp"
#include "node/server/admin/order_answers.hpp"

namespace raftkv::server {
namespace {

using raft::ChangeStart;

// A change that is not committed by then may be committed all the same, later.
constexpr std::int64_t change_patience_ms = 10'000;

}  // namespace

void MemberOrders::take(std::string_view target, MonotonicMs now, AdminReply reply) {
    auto change = parse_member_request(target);
    if (!change) return reply(say(bad_request, change.error().message));
    if (changes_.standing().role == raft::Role::leader) {
        if (auto taken = changes_.taken_address(*change))
            return reply(say(conflict, std::move(*taken)));
    }
    // Not another one while this one's end has yet to be told.
    const ChangeStart start = order_ ? ChangeStart::under_way : changes_.change_members(*change);
    if (start != ChangeStart::begun) return reply(refusal(start));
    order_ = Order{changes_.members_index(), changes_.standing().term, now, std::move(reply)};
}

void MemberOrders::observe(MonotonicMs now) {
    if (!order_) return;
    std::optional<AdminAnswer> answer = outcome(now);
    if (!answer) return;
    AdminReply reply = std::move(order_->reply);
    order_.reset();
    reply(std::move(*answer));
}

AdminAnswer MemberOrders::refusal(ChangeStart why) const {
    const std::uint32_t self = self_.value();
    switch (why) {
        case ChangeStart::not_leading: {
            const std::optional<NodeId> leader = changes_.standing().leader;
            if (!leader)
                return say(unavailable, "there is no leader that could change the members");
            return say(ask_another, fmt::format("node {} does not lead: ask node {}, which does",
                                                self, leader->value()));
        }
        case ChangeStart::hands_over:
            return say(ask_another, fmt::format("node {} leads and is to go itself, so it hands "
                                                "leadership over first: ask the next leader",
                                                self));
        case ChangeStart::too_early:
            return say(unavailable, "nothing of this leader's term is committed yet: try again");
        case ChangeStart::under_way:
            return say(wait_first, "another change of the members is under way: wait for its end");
        case ChangeStart::known_already:
            return say(conflict, "the cluster has a member with this id already");
        case ChangeStart::not_a_member:
            return say(bad_request, "the cluster has no member with this id");
        case ChangeStart::is_there_already:
            return say(conflict, "this member has that address already");
        case ChangeStart::replaces_no_voter:
            return say(conflict,
                       "only a member that votes can be replaced: remove the other one, "
                       "and add");
        case ChangeStart::votes_already:
            return say(conflict, "this member votes already");
        case ChangeStart::not_caught_up:
            return say(conflict,
                       "this member is too far behind, or does not answer the leader: is "
                       "it running? Its lag is shown by \"raftkv cluster members\"");
        case ChangeStart::loses_quorum:
            return say(conflict,
                       "refused: no majority of those that would be left answers the "
                       "leader, so nothing could be written any more");
        case ChangeStart::last_voter:
            return say(conflict, "refused: it is the last member that votes");
        case ChangeStart::too_many:
            return say(conflict,
                       fmt::format("a cluster has at most {} members", raft::max_members));
        case ChangeStart::no_room:
            return say(unavailable,
                       "the leader takes no writes at the moment: its disk is full, or "
                       "it hands leadership over");
        case ChangeStart::begun:
            break;
    }
    check_failed("a reason", __FILE__, __LINE__);
}

std::optional<AdminAnswer> MemberOrders::outcome(MonotonicMs now) const {
    const replica::Standing standing = changes_.standing();
    if (standing.role != raft::Role::leader || standing.term != order_->term)
        return say(unavailable, fmt::format("node {} no longer leads: whether the change is made, "
                                            "\"raftkv cluster members\" shows",
                                            self_.value()));
    if (changes_.commit_index() >= order_->index) {
        const nlohmann::ordered_json report = {{"index", order_->index.value()},
                                               {"ms", now - order_->begun}};
        return AdminAnswer{200, "application/json", report.dump() + "\n"};
    }
    if (now - order_->begun < change_patience_ms) return std::nullopt;
    return say(gave_up, "no majority has the change yet; it is made as soon as one has");
}

}  // namespace raftkv::server
