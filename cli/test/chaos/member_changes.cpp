#include "cli/test/chaos/member_changes.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <utility>

#include "cli/admin/members.hpp"
#include "common/check.hpp"

namespace raftkv::chaos {
namespace {

using cli::MemberKind;
using std::chrono::steady_clock;

using Servers = std::vector<ServerConfig>;

// What nodes end with that were removed, and those that find nobody who lets them in.
constexpr int removed = 64;
constexpr int nobody_answers = 69;
// Amid other faults it may take longer; nobody waits for it any more then.
constexpr Millis over_within{10'000};
constexpr int look_again_ms = 50;

std::string order_for(Kind kind, std::optional<NodeId> old, const ServerConfig* fresh) {
    switch (kind) {
        case Kind::add_member:
            return "add?" + cli::address_in_order(*fresh);
        case Kind::add_learner:
            return "add?learner=1&" + cli::address_in_order(*fresh);
        case Kind::remove_member:
            return fmt::format("remove?id={}", old->value());
        case Kind::replace_member:
            return fmt::format("replace?old={}&{}", old->value(), cli::address_in_order(*fresh));
        default:
            check_failed("a change of members", __FILE__, __LINE__);
    }
}

Result<void> see_it_through(const Servers& servers, Kind kind, std::optional<NodeId> old,
                            std::optional<NodeId> fresh) {
    const auto deadline = steady_clock::now() + over_within;
    Error last{ErrorKind::unavailable, "nobody leads"};
    while (steady_clock::now() < deadline) {
        const auto view = cli::find_members(servers);
        if (view && (!old || view->confirms(*old, std::nullopt)) &&
            (!fresh || view->confirms(*fresh, MemberKind::voter)))
            return {};
        if (view && kind == Kind::add_learner && view->confirms(*fresh, MemberKind::learner)) {
            auto promoted =
                cli::change_members(servers, fmt::format("promote?id={}", fresh->value()));
            if (!promoted) last = promoted.error();
        }
        ::poll(nullptr, 0, look_again_ms);
    }
    return Error{last.kind, fmt::format("was begun, and not over within {} s ({})",
                                        over_within.count() / 1000, last.message)};
}

}  // namespace

MemberChanges::MemberChanges(test::LocalCluster& cluster) : cluster_(cluster) {
    const auto first = cluster.first();
    roster_.members.insert(first.begin(), first.end());
}

void MemberChanges::begin(Kind kind, const std::vector<NodeId>& nodes) {
    RAFTKV_CHECK(!change_ && !nodes.empty());
    Change change;
    change.kind = kind;
    if (takes_away(kind)) change.old = nodes.front();
    if (kind != Kind::remove_member) change.fresh = nodes.back();
    if (change.old) cluster_.expect_end(*change.old, removed);
    const ServerConfig* fresh = change.fresh ? cluster_.config().find(*change.fresh) : nullptr;
    change.answer = std::async(std::launch::async, [servers = cluster_.config().servers,
                                                    order = order_for(kind, change.old, fresh)] {
        return cli::change_members(servers, order);
    });
    change_ = std::move(change);
}

Result<void> MemberChanges::look() {
    if (auto seen = see_who_ended(); !seen) return seen;
    if (!change_ || change_->answer.wait_for(Millis(0)) != std::future_status::ready) return {};
    const Result<void> answer = change_->answer.get();
    if (!answer || change_->in_the_log) {
        end(answer ? "" : answer.error().message);
        return {};
    }
    change_->in_the_log = true;
    Result<void> started;
    if (change_->fresh) started = start(*change_->fresh);
    change_->answer = std::async(std::launch::async, see_it_through, cluster_.config().servers,
                                 change_->kind, change_->old, change_->fresh);
    return started;
}

void MemberChanges::end(std::string problem) {
    if (problem.empty() && change_->old && roster_.members.erase(*change_->old) != 0)
        roster_.leaving.insert(*change_->old);
    problem_ = std::move(problem);
    change_.reset();
}

Result<void> MemberChanges::start(NodeId fresh) {
    roster_.members.insert(fresh);
    cluster_.expect_end(fresh, nobody_answers);
    return cluster_.start(fresh, true);
}

Result<void> MemberChanges::see_who_ended() {
    for (const auto& [node, code] : cluster_.take_ended()) {
        if (code == nobody_answers) {
            if (auto again = start(node); !again) return again;
            continue;
        }
        roster_.members.erase(node);
        roster_.leaving.erase(node);
        if (auto wiped = cluster_.wipe(node); !wiped) return wiped;
    }
    return {};
}

Result<std::string> MemberChanges::settle() {
    if (change_) return std::string("a change of the members is under way");
    const Servers& servers = cluster_.config().servers;
    const auto view = cli::find_members(servers);
    if (!view || !view->is_of_leader() || !view->committed) return std::string("nobody leads");
    std::string missing;
    for (const cli::MemberInfo& member : view->members) {
        const NodeId id = member.where.id;
        if (!cluster_.is_running(id)) {
            if (auto started = start(id); !started) return started.error();
        }
        if (member.kind == MemberKind::voter) continue;
        missing = fmt::format("node {} does not vote yet", id.value());
        if (member.kind != MemberKind::learner) continue;
        auto promoted = cli::change_members(servers, fmt::format("promote?id={}", id.value()));
        if (!promoted) missing += ": " + promoted.error().message;
    }
    for (NodeId node : cluster_.running()) {
        if (view->find(node) == nullptr)
            missing = fmt::format("node {} was removed, and does not end", node.value());
    }
    return missing;
}

}  // namespace raftkv::chaos
