// Faults: how each begins and ends, and how everything heals.

#include <utility>

#include "cli/test/simulation/world.hpp"

namespace raftkv::simulation {

namespace {

bool strikes_the_leader(FaultKind kind) {
    return kind == FaultKind::crash_leader || kind == FaultKind::pause_leader ||
           kind == FaultKind::isolate_leader || kind == FaultKind::transfer ||
           kind == FaultKind::split_leader || kind == FaultKind::clog_leader;
}

}  // namespace

void World::begin(std::size_t number) {
    if (healed_) return;
    Fault fault = plan_.faults[number];
    if (fault.kind == FaultKind::stay_away) return;  // heal() has it
    if (strikes_the_leader(fault.kind) && fault.amount > 0 &&
        !std::exchange(active_[number].armed, true)) {
        armed_.push_back(number);
        return;
    }
    if (strikes_the_leader(fault.kind)) fault.node = newest_leader().value_or(fault.node);
    active_[number].node = fault.node;
    const bool everywhere = fault.kind == FaultKind::storm || fault.kind == FaultKind::split ||
                            fault.kind == FaultKind::ring ||
                            fault.kind == FaultKind::power_loss_all ||
                            fault.kind == FaultKind::lose_clocks;
    active_[number].active = true;
    active_[number].record = recorder_.fault(
        now(), fault, everywhere ? std::nullopt : std::optional<std::uint32_t>(fault.node));
    counters_.caused(fault.kind);
    schedule(EventKind::fault_end, fault.lasts, 0, number);
    switch (fault.kind) {
        case FaultKind::cut_one_way:
        case FaultKind::split:
        case FaultKind::isolate:
        case FaultKind::isolate_leader:
        case FaultKind::split_leader:
        case FaultKind::bridge:
        case FaultKind::ring:
            return begin_partition(fault, number);
        case FaultKind::flap:
            return flap(number);
        case FaultKind::forge:
            return forge(number);
        case FaultKind::add_member:
        case FaultKind::promote_member:
        case FaultKind::remove_member:
        case FaultKind::replace_member:
        case FaultKind::move_member:
            return order(number);
        case FaultKind::wipe:
            return wipe(fault.node, fault.lasts);
        case FaultKind::clog:
            return network_.clog(fault.node, fault.other, now() + fault.lasts);
        case FaultKind::clog_leader:
            for (std::uint32_t other = 0; other < plan_.nodes; ++other)
                if (other != fault.node) network_.clog(other, fault.node, now() + fault.lasts);
            return;
        case FaultKind::storm:
            return network_.storm(static_cast<Storm>(fault.other),
                                  static_cast<std::uint64_t>(fault.amount));
        case FaultKind::lose_clocks:
        case FaultKind::power_loss_all:
            for (std::uint32_t node = 0; node < plan_.nodes; ++node) {
                kill(node, Death::power_lost, fault.lasts);
                if (fault.kind == FaultKind::lose_clocks) nodes_[node]->clock().keep({});
            }
            return;
        default:
            return begin_on_node(fault, *nodes_[fault.node], number);
    }
}

void World::strike_new_leader() {
    for (std::size_t number : std::exchange(armed_, {})) {
        schedule(EventKind::fault, plan_.faults[number].amount, 0, number);
    }
}

void World::begin_on_node(const Fault& fault, Node& node, std::size_t number) {
    switch (fault.kind) {
        case FaultKind::crash:
        case FaultKind::crash_leader:
            return kill(fault.node, Death::killed, fault.lasts);
        case FaultKind::lose_clock:
            kill(fault.node, Death::power_lost, fault.lasts);
            return node.clock().keep({});
        case FaultKind::power_loss:
            return kill(fault.node, Death::power_lost, fault.lasts);
        case FaultKind::crash_in_sync:
            return kill(fault.node, Death::power_lost_in_sync, fault.lasts);
        case FaultKind::crash_recovery:
            kill(fault.node, Death::power_lost, fault.lasts);
            return node.crash_in_recovery();
        case FaultKind::flip_bit:
        case FaultKind::lose_write:
        case FaultKind::misdirect:
        case FaultKind::lose_tail:
        case FaultKind::roll_back: {
            kill(fault.node, Death::killed, fault.lasts);
            Dice dice(plan_.seed, Stream::crashes, 1'000'000 + number);
            return node.damage(fault.kind, dice);
        }
        case FaultKind::pause:
        case FaultKind::pause_leader:
            return node.pause();
        case FaultKind::leave:
            if (node.alive() && !node.paused()) node.hand_over(std::nullopt);
            return;
        case FaultKind::transfer:
            if (node.alive() && !node.paused()) node.hand_over(NodeId(fault.other));
            return;
        case FaultKind::sync_error:
            return node.disk().fail_next_sync();
        case FaultKind::write_error:
            return node.disk().fail_next_write();
        case FaultKind::disk_full:
            return node.disk().set_capacity(0);
        case FaultKind::slow_disk:
            return node.slow_disk_down(fault.amount);
        case FaultKind::stalled_disk:
            return node.stall_disk(true);
        case FaultKind::wall_jump:
            // The cluster's clock has to begin with some that are right.
            if (truth_.has_stamps()) node.clock().jump(fault.amount);
            return;
        case FaultKind::clock_rate:
            return node.clock().set_rate(fault.amount);
        default:
            return;
    }
}

void World::end(std::size_t number) {
    if (!std::exchange(active_[number].active, false)) return;
    recorder_.fault_over(active_[number].record, now());
    for (const auto& [from, to] : std::exchange(active_[number].cuts, {})) network_.mend(from, to);
    const Fault& fault = plan_.faults[number];
    Node& node = *nodes_[active_[number].node];
    switch (fault.kind) {
        case FaultKind::storm:
            return network_.storm(static_cast<Storm>(fault.other), 0);
        case FaultKind::pause:
        case FaultKind::pause_leader:
            return node.resume();
        case FaultKind::disk_full:
            return node.disk().set_capacity(std::nullopt);
        case FaultKind::slow_disk:
            return node.slow_disk_down(0);
        case FaultKind::stalled_disk:
            return node.stall_disk(false);
        case FaultKind::clock_rate:
            return node.clock().set_rate(0);
        default:
            return;
    }
}

std::optional<std::uint32_t> World::newest_leader() const {
    std::optional<std::uint32_t> found;
    Term term;
    for (std::uint32_t node = 0; node < plan_.nodes; ++node) {
        if (!nodes_[node]->is_leading() || nodes_[node]->standing().term < term) continue;
        term = nodes_[node]->standing().term;
        found = node;
    }
    return found;
}

// --- partitions

void World::cut(std::size_t number, std::uint32_t from, std::uint32_t to) {
    network_.cut(from, to);
    active_[number].cuts.emplace_back(from, to);
}

// Whether the nodes may speak to each other during a partition.
bool World::may_meet(const Fault& fault, std::uint32_t a, std::uint32_t b) const {
    const auto side = [&](std::uint32_t node) {
        return (static_cast<std::uint64_t>(fault.amount) >> node & 1) != 0;
    };
    const std::uint32_t distance = a > b ? a - b : b - a;
    switch (fault.kind) {
        case FaultKind::split:
            return side(a) == side(b);
        case FaultKind::isolate:
        case FaultKind::isolate_leader:
            return a != fault.node && b != fault.node;
        case FaultKind::bridge:
            return a == fault.node || b == fault.node || a % 2 == b % 2;
        case FaultKind::ring:
            return distance == 1 || distance == plan_.nodes - 1;
        default:
            return !(a == fault.node && b == fault.other);
    }
}

// The bits of a node, and of all that have no vote as far as it knows.
std::int64_t World::beside(std::uint32_t number) const {
    std::int64_t bits = 0;
    for (std::uint32_t other = 0; other < plan_.nodes; ++other) {
        const bool votes =
            nodes_[number]->alive() && nodes_[number]->replica().members().has_voter(NodeId(other));
        if (other == number || !votes) bits |= std::int64_t{1} << other;
    }
    return bits;
}

void World::begin_partition(Fault fault, std::size_t number) {
    if (fault.kind == FaultKind::split_leader) {
        fault.kind = FaultKind::split;
        fault.amount = beside(fault.node);
    }
    for (std::uint32_t a = 0; a < plan_.nodes; ++a) {
        for (std::uint32_t b = 0; b < plan_.nodes; ++b) {
            if (a == b || may_meet(fault, a, b)) continue;
            cut(number, a, b);
            // Both see it, while the leader is well and has its lease.
            if (reads_by_lease(plan_) && a < b && number % 2 == 0) disconnect(a, b);
        }
    }
}

void World::flap(std::size_t number) {
    ActiveFault& active = active_[number];
    if (!active.active) return;
    const Fault& fault = plan_.faults[number];
    if (active.cuts.empty()) {
        cut(number, fault.node, fault.other);
        cut(number, fault.other, fault.node);
    } else {
        for (const auto& [from, to] : std::exchange(active.cuts, {})) network_.mend(from, to);
    }
    schedule(EventKind::flap, fault.amount, 0, number);
}

// --- the end of all faults

void World::heal() {
    for (std::size_t number = 0; number < active_.size(); ++number) end(number);
    healed_ = true;
    healed_at_ = now();
    network_.heal();
    recorder_.note(now(), std::nullopt, "everything heals");
    for (std::uint32_t number = 0; number < plan_.nodes; ++number) {
        Node& node = *nodes_[number];
        node.resume();
        node.disk().set_capacity(std::nullopt);
        node.stall_disk(false);
        if (!node.alive() && !node.lost() && !node.removed())
            schedule(EventKind::start, 1, number, 0);
    }
    for (const Fault& fault : plan_.faults) {
        if (fault.kind == FaultKind::stay_away) stay_away(newest_leader().value_or(fault.node));
    }
    clients_.finish();
    pipelines_.finish();
    schedule(EventKind::verdict, 1, 0, 0);
}

}  // namespace raftkv::simulation
