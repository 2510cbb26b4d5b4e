#include <fmt/format.h>

#include <thread>

#include "cli/admin/members.hpp"
#include "cli/test/scenarios/scenario.hpp"

namespace raftkv::test {
namespace {

using cli::MemberKind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A node that was removed or is refused ends with this.
constexpr int ends_with = 64;
constexpr milliseconds look_again{20};
// Within it the order is on its way, in the log, committed, or answered.
constexpr std::uint64_t longest_change_ms = 40;

Result<void> change(Stage& stage, const std::string& order) {
    return cli::change_members(stage.cluster.config().servers, order);
}

std::string address(const Stage& stage, NodeId id) {
    return cli::address_in_order(*stage.cluster.config().find(id));
}

bool is_so(Stage& stage, NodeId id, std::optional<MemberKind> wanted) {
    const auto view = cli::find_members(stage.cluster.config().servers);
    return view && view->confirms(id, wanted);
}

Result<void> wait_for_member(Stage& stage, NodeId id, std::optional<MemberKind> wanted) {
    const auto deadline = steady_clock::now() + catch_up_limit;
    while (!is_so(stage, id, wanted)) {
        if (steady_clock::now() >= deadline)
            return Error{ErrorKind::failed, fmt::format("node {} is not {} within {} s", id.value(),
                                                        wanted ? name_of(*wanted) : "removed",
                                                        catch_up_limit.count() / 1000)};
        if (auto waited = stage.interrupt.pause_for(look_again); !waited) return waited;
    }
    return {};
}

// Adds a node with an empty disk, and waits until it votes.
Result<void> add(Stage& stage, NodeId id) {
    if (auto added = change(stage, "add?" + address(stage, id)); !added) return added;
    if (auto started = stage.cluster.start(id, true); !started) return started;
    return wait_for_member(stage, id, MemberKind::voter);
}

Result<void> add_learner_and_promote(Stage& stage, NodeId id) {
    if (auto added = change(stage, "add?learner=1&" + address(stage, id)); !added) return added;
    if (auto started = stage.cluster.start(id, true); !started) return started;
    if (auto in = stage.watch.wait_until_caught_up(id, catch_up_limit); !in) return in;
    const auto deadline = steady_clock::now() + catch_up_limit;
    // With clients at full speed there may always be an entry more.
    for (;;) {
        auto promoted = change(stage, fmt::format("promote?id={}", id.value()));
        if (promoted) return wait_for_member(stage, id, MemberKind::voter);
        if (steady_clock::now() >= deadline) return promoted;
        if (auto waited = stage.interrupt.pause_for(look_again); !waited) return waited;
    }
}

Result<void> replace(Stage& stage, NodeId old, NodeId fresh) {
    const std::string order = fmt::format("replace?old={}&{}", old.value(), address(stage, fresh));
    if (auto changed = change(stage, order); !changed) return changed;
    if (auto started = stage.cluster.start(fresh, true); !started) return started;
    if (auto gone = wait_for_member(stage, old, std::nullopt); !gone) return gone;
    return stage.cluster.wait_for_end(old, ends_with, leader_limit);
}

Result<void> remove_leader(Stage& stage) {
    const auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    if (auto gone = change(stage, fmt::format("remove?id={}", leader->value())); !gone) return gone;
    return stage.cluster.wait_for_end(*leader, ends_with, leader_limit);
}

// Orders a change, and kills the leader at some moment of it. Whatever has become of the order
// then, it is repeated until the members are as it wants them.
Result<void> change_while_the_leader_dies(Stage& stage, const std::string& order, NodeId id,
                                          std::optional<MemberKind> wanted) {
    const auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    std::thread orders([&] { (void)change(stage, order).ok(); });
    const auto waited = stage.interrupt.pause_for(milliseconds(stage.below(longest_change_ms)));
    // The one that is to be removed may have ended already.
    if (waited && *leader != id) stage.cluster.kill(*leader);
    orders.join();
    if (!waited) return waited;
    if (*leader != id) {
        if (auto started = stage.cluster.start(*leader); !started) return started;
    }
    // Refused where it was made all the same, and while the next leader does not know enough yet.
    const auto deadline = steady_clock::now() + catch_up_limit;
    while (!is_so(stage, id, wanted) && steady_clock::now() < deadline) {
        (void)change(stage, order).ok();
        if (auto paused = stage.interrupt.pause_for(look_again); !paused) return paused;
    }
    return wait_for_member(stage, id, wanted);
}

Result<void> add_and_remove_while_leaders_die(Stage& stage, NodeId id) {
    if (auto added = change(stage, "add?learner=1&" + address(stage, id)); !added) return added;
    if (auto started = stage.cluster.start(id, true); !started) return started;
    if (auto in = stage.watch.wait_until_caught_up(id, catch_up_limit); !in) return in;
    if (auto votes = change_while_the_leader_dies(stage, fmt::format("promote?id={}", id.value()),
                                                  id, MemberKind::voter);
        !votes)
        return votes;
    if (auto gone = change_while_the_leader_dies(stage, fmt::format("remove?id={}", id.value()), id,
                                                 std::nullopt);
        !gone)
        return gone;
    if (auto ended = stage.cluster.wait_for_end(id, ends_with, leader_limit); !ended) return ended;
    return stage.cluster.wipe(id);
}

// A member that has lost its disk is not who it was, until it is added anew.
Result<void> lose_a_disk(Stage& stage) {
    const auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    std::vector<NodeId> others = stage.cluster.running();
    std::erase(others, *leader);
    const NodeId victim = others[stage.below(others.size())];
    stage.cluster.kill(victim);
    if (auto wiped = stage.cluster.wipe(victim); !wiped) return wiped;
    if (auto started = stage.cluster.start(victim); !started) return started;
    if (auto ended = stage.cluster.wait_for_end(victim, ends_with, leader_limit); !ended)
        return ended;
    if (auto gone = change(stage, fmt::format("remove?id={}", victim.value())); !gone) return gone;
    if (auto wiped = stage.cluster.wipe(victim); !wiped) return wiped;
    return add(stage, victim);
}

Result<void> change_members_all_ways(Stage& stage) {
    std::vector<NodeId> spares = stage.cluster.spares();
    const auto step = [&](const std::string& what, const Result<void>& result) {
        if (result)
            stage.progress.tick();
        else
            return Result<void>(Error{result.error().kind, what + ": " + result.error().message});
        return stage.watch.check();
    };
    stage.progress.step("a node is added");
    if (auto ok = step("a node is added", add(stage, spares[0])); !ok) return ok;
    stage.progress.step("a learner is promoted");
    if (auto ok = step("a learner is promoted", add_learner_and_promote(stage, spares[1])); !ok)
        return ok;
    stage.progress.step("a node takes the place of another");
    const NodeId old = stage.cluster.all().front();
    if (auto ok = step("a node takes the place of another", replace(stage, old, spares[2])); !ok)
        return ok;
    stage.progress.step("the leader is removed");
    if (auto ok = step("the leader is removed", remove_leader(stage)); !ok) return ok;
    for (std::uint32_t round = 0; round < stage.settings.rounds; ++round) {
        stage.progress.step("the leader dies while members change");
        auto done = add_and_remove_while_leaders_die(stage, spares[3]);
        if (auto ok = step("the leader dies while members change", done); !ok) return ok;
    }
    stage.progress.step("a member loses its disk, is refused, and is added anew");
    return step("a member loses its disk", lose_a_disk(stage));
}

}  // namespace

std::size_t membership_ticks(const Settings& settings) {
    return settings.rounds + 7;
}

Result<void> run_membership(Stage& stage) {
    stage.progress.step("all nodes elect a leader");
    if (auto started = start_nodes(stage, stage.cluster.first()); !started) return started;
    auto leader = stage.watch.wait_for_leader(leader_limit);
    if (!leader) return leader.error();
    stage.progress.tick();
    auto changed = while_clients_write(stage, [&] { return change_members_all_ways(stage); });
    if (!changed) return changed;

    stage.progress.step("every reply is explained, and all replicas are equal");
    if (auto read = read_everything(stage); !read) return read;
    if (auto right = judge_history(stage); !right) return right;
    if (auto same = compare_states(stage); !same) return same;
    stage.figures.push_back(
        {"operations", "operations judged", static_cast<double>(stage.history.size()), ""});
    stage.progress.tick();
    return {};
}

}  // namespace raftkv::test
