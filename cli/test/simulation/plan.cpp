#include "cli/test/simulation/plan.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "cli/test/simulation/dice.hpp"

namespace raftkv::simulation {

namespace {

constexpr Micros second = 1'000'000;
constexpr std::int64_t year_ms = std::int64_t{365} * 24 * 3'600'000;

constexpr std::array<std::string_view, fault_kinds> fault_names{"crash",
                                                                "power loss",
                                                                "power loss everywhere",
                                                                "crash in a sync",
                                                                "crash of the leader",
                                                                "pause",
                                                                "pause of the leader",
                                                                "hand over",
                                                                "cut one way",
                                                                "split",
                                                                "isolate",
                                                                "isolate the leader",
                                                                "bridge",
                                                                "ring",
                                                                "flapping link",
                                                                "clogged link",
                                                                "storm",
                                                                "sync error",
                                                                "write error",
                                                                "disk full",
                                                                "slow disk",
                                                                "stalled disk",
                                                                "bit flip",
                                                                "lost write",
                                                                "misdirected write",
                                                                "crash in recovery",
                                                                "wall clock jump",
                                                                "clock rate",
                                                                "transfer",
                                                                "all clocks lost",
                                                                "clock lost",
                                                                "member added",
                                                                "member promoted",
                                                                "member removed",
                                                                "member replaced",
                                                                "disk wiped",
                                                                "split beside the leader",
                                                                "clogged leader",
                                                                "never back",
                                                                "lost tail",
                                                                "disk rolled back",
                                                                "forged messages",
                                                                "member moved"};

std::uint32_t choose_nodes(Dice& dice) {
    constexpr std::array<std::uint32_t, 8> sizes{1, 2, 3, 3, 3, 4, 5, 7};
    return sizes[dice.below(sizes.size())];
}

Limits make_limits(std::uint64_t seed) {
    Dice dice(seed, Stream::limits);
    Limits limits;
    limits.segment_bytes = std::uint64_t(dice.log_between(8 << 10, 64 << 10)) / 8 * 8;
    limits.max_append_bytes = std::uint64_t(dice.log_between(64, 4096));
    limits.max_inflight_bytes = std::uint64_t(dice.log_between(256, 16 << 10));
    limits.max_inflight_messages = std::uint64_t(dice.log_between(1, 16));
    limits.max_uncommitted_bytes = std::uint64_t(dice.log_between(2 << 10, 64 << 10));
    limits.log_cache_bytes = std::uint64_t(dice.log_between(512, 16 << 10));
    limits.max_pending_bytes = std::uint64_t(dice.log_between(1 << 10, 64 << 10));
    limits.hold_ms = static_cast<std::uint32_t>(dice.log_between(100, 2000));
    if (!dice.ppm(150'000))
        limits.snapshot_log_bytes = std::uint64_t(dice.log_between(200, 32 << 10));
    limits.snapshot_read_bytes = std::uint64_t(dice.log_between(32, 4096));
    limits.snapshot_chunk_bytes = std::uint64_t(dice.log_between(32, 4096));
    limits.snapshot_window_bytes = limits.snapshot_chunk_bytes * dice.between(1, 4);
    // In half of the plans some batches are large, or all from the first segment on.
    if (dice.half())
        limits.large_batch_bytes = dice.half() ? 0 : std::uint64_t(dice.log_between(32, 1024));
    return limits;
}

Pace make_pace(std::uint64_t seed) {
    Dice dice(seed, Stream::limits, 1);
    Pace pace;
    pace.message = dice.log_between(50, 4000);
    pace.message_jitter = dice.log_between(20, 4000);
    pace.sync = dice.log_between(50, 8000);
    pace.sync_jitter = dice.log_between(20, 8000);
    pace.turn = dice.log_between(5, 500);
    return pace;
}

// One fault of a kind, somewhere in the run.
class FaultMaker {
  public:
    FaultMaker(const Plan& plan, Dice& dice) : plan_(plan), dice_(dice) {}

    Fault make(FaultKind kind) {
        Fault fault;
        fault.kind = kind;
        fault.at = dice_.between(second / 2, plan_.horizon * 9 / 10);
        fault.lasts = dice_.log_between(20'000, 3 * second);
        fault.node = static_cast<std::uint32_t>(dice_.below(plan_.nodes));
        fault.other = static_cast<std::uint32_t>(dice_.below(plan_.nodes));
        fault.amount = amount_of(kind, fault);
        return fault;
    }

  private:
    std::int64_t amount_of(FaultKind kind, Fault& fault) {
        switch (kind) {
            case FaultKind::split:
                return dice_.between(1, (std::int64_t{1} << plan_.nodes) - 1);
            case FaultKind::flap:
                return dice_.log_between(5'000, 400'000);
            case FaultKind::storm:
                fault.other = static_cast<std::uint32_t>(dice_.below(5));
                return dice_.log_between(1'000, 300'000);
            case FaultKind::slow_disk:
                return dice_.log_between(1'000, 200'000);
            case FaultKind::wall_jump:
                return (dice_.half() ? 1 : -1) * dice_.log_between(60'000, 30 * year_ms);
            case FaultKind::clock_rate:
                return dice_.between(-50'000, 50'000);
            case FaultKind::transfer:
                return dice_.half() ? dice_.log_between(100, 50'000) : 0;
            default:
                return 0;
        }
    }

    const Plan& plan_;
    Dice& dice_;
};

// How many of a kind, when the seed has chosen it.
std::int64_t frequency(FaultKind kind, Dice& dice, const Plan& plan) {
    // Each of these may cost the cluster a node for good: never a majority of them.
    if (damages_synced_data(kind)) return dice.between(0, std::int64_t((plan.nodes - 1) / 2));
    const std::int64_t most = std::max<std::int64_t>(2, plan.horizon / second);
    return dice.log_between(1, most);
}

// One leader after the other is struck down, each with entries that the others do not have: the
// way to logs that differ (Raft's figures 7 and 8).
void add_short_reigns(Plan& plan) {
    constexpr std::array<FaultKind, 5> blows{FaultKind::crash_leader, FaultKind::isolate_leader,
                                             FaultKind::isolate_leader, FaultKind::pause_leader,
                                             FaultKind::pause_leader};
    Dice dice(plan.seed, Stream::faults, 1'000);
    if (!dice.ppm(400'000)) return;
    FaultMaker maker(plan, dice);
    const Micros reign = dice.log_between(100'000, 800'000);
    for (Micros at = second / 2; at < plan.horizon * 9 / 10; at += dice.between(reign / 2, reign)) {
        Fault fault = maker.make(blows[dice.below(blows.size())]);
        fault.at = at;
        // Who sleeps must sleep through an election to wake up deposed.
        const bool sleeps = fault.kind == FaultKind::pause_leader;
        fault.lasts = dice.log_between(sleeps ? 200'000 : 50'000, sleeps ? 2 * second : second);
        if (dice.half()) fault.amount = dice.log_between(100, 50'000);
        plan.faults.push_back(fault);
    }
    // Entries go one by one, so that a reign can end between any two.
    if (dice.half()) {
        plan.limits.max_append_bytes = 64;
        plan.limits.max_inflight_messages = 1;
    }
}

// What follows what is left looks like the end of a log; only what the node noted elsewhere tells.
void add_lost_tails(Plan& plan, std::uint32_t lost) {
    Dice dice(plan.seed, Stream::faults, 1'006);
    if (!dice.ppm(200'000)) return;
    FaultMaker maker(plan, dice);
    for (; lost < (plan.nodes - 1) / 2; ++lost) {
        plan.faults.push_back(
            maker.make(dice.half() ? FaultKind::lose_tail : FaultKind::roll_back));
    }
}

// Two of three that are wrong cannot be told from two that are right.
void keep_to_one_wall_clock(Plan& plan) {
    std::optional<std::uint32_t> machine;
    for (Fault& fault : plan.faults) {
        if (fault.kind != FaultKind::wall_jump) continue;
        if (!machine) machine = fault.node;
        fault.node = *machine;
    }
}

void add_faults(Plan& plan) {
    std::uint32_t lost = 0;
    for (std::size_t i = 0; i < fault_kinds; ++i) {
        const FaultKind kind = static_cast<FaultKind>(i);
        if (kind >= FaultKind::add_member) break;  // add_member_changes() has them
        Dice own(plan.seed, Stream::faults, i + 1);
        if (!own.ppm(300'000)) continue;
        FaultMaker maker(plan, own);
        for (std::int64_t n = frequency(kind, own, plan); n > 0; --n) {
            if (damages_synced_data(kind) && ++lost > (plan.nodes - 1) / 2) break;
            plan.faults.push_back(maker.make(kind));
        }
    }
    add_lost_tails(plan, lost);
    add_short_reigns(plan);
    keep_to_one_wall_clock(plan);
    std::stable_sort(plan.faults.begin(), plan.faults.end(),
                     [](const Fault& a, const Fault& b) { return a.at < b.at; });
}

// Until everything heals.
void lose_messages_from(Micros begin, Plan& plan, Dice& dice, FaultMaker& maker) {
    Fault storm = maker.make(FaultKind::storm);
    storm.at = begin;
    storm.lasts = plan.horizon - begin;
    storm.other = static_cast<std::uint32_t>(Storm::drop);
    storm.amount = dice.log_between(100'000, 500'000);
    plan.faults.push_back(storm);
}

// Leadership moves right before everything heals, in weather that loses messages: whatever waits
// for something then waits for ever, unless it is given up.
void add_late_transfers(Plan& plan) {
    Dice dice(plan.seed, Stream::faults, 1'001);
    if (!dice.ppm(150'000)) return;
    FaultMaker maker(plan, dice);
    const Micros begin = plan.horizon - dice.between(50'000, 400'000);
    lose_messages_from(begin, plan, dice, maker);
    for (Micros at = begin; at < plan.horizon; at += dice.between(5'000, 100'000)) {
        Fault transfer = maker.make(FaultKind::transfer);
        transfer.at = at;
        transfer.amount = 0;
        plan.faults.push_back(transfer);
    }
    std::stable_sort(plan.faults.begin(), plan.faults.end(),
                     [](const Fault& a, const Fault& b) { return a.at < b.at; });
}

// A leader that has handed over, and one whose answers come late, hear no more of what the others
// do: a lease that was kept, or counts from its answer, is then found out.
void add_what_leases_must_stand(Plan& plan, Dice& dice, FaultMaker& maker, const Fault& first) {
    if (dice.half()) return;
    Fault then = first;
    if (first.kind == FaultKind::transfer) {
        then = maker.make(FaultKind::isolate_leader);
        then.at = first.at + dice.log_between(100, 5'000);
        then.lasts = dice.between(50'000, 300'000);
        then.amount = 0;
    } else {
        then.kind = FaultKind::clog_leader;
        then.at = first.at - dice.log_between(1'000, 50'000);
        then.lasts = dice.between(80'000, 220'000);
    }
    plan.faults.push_back(then);
}

// Leaders are cut off while their leases go on, others are elected as soon as they may be, and
// clients that notice write there what those at the old leader then must not miss.
void add_lease_weather(Plan& plan) {
    Dice dice(plan.seed, Stream::faults, 1'003);
    if (!reads_by_lease(plan) || (dice.half() && !leases_differ(plan))) return;
    plan.pace = {.message = dice.log_between(50, 200),
                 .message_jitter = 100,
                 .sync = dice.log_between(50, 400),
                 .sync_jitter = 100,
                 .turn = 20};
    FaultMaker maker(plan, dice);
    for (Micros at = second / 2; at < plan.horizon * 9 / 10;
         at += dice.between(300'000, 1'500'000)) {
        Fault fault =
            maker.make(dice.ppm(700'000) ? FaultKind::isolate_leader : FaultKind::transfer);
        fault.at = at;
        fault.lasts = dice.between(150'000, 400'000);
        fault.amount = 0;
        plan.faults.push_back(fault);
        add_what_leases_must_stand(plan, dice, maker, fault);
    }
    for (Operation& operation : plan.operations)
        if (operation.client % 2 == 0) operation.patience = dice.between(4'000, 60'000);
    std::stable_sort(plan.faults.begin(), plan.faults.end(),
                     [](const Fault& a, const Fault& b) { return a.at < b.at; });
}

// One node is not there when everything heals, nor later; a moment ago members were changed, in
// weather that loses messages. The others must get on without it.
void add_an_end_without_one(Plan& plan, Dice& dice, FaultMaker& maker) {
    if (dice.half()) return;
    Fault last = maker.make(FaultKind::stay_away);
    last.at = plan.horizon - 1;
    plan.faults.push_back(last);
    if (dice.half()) return;
    const Micros begin = plan.horizon - dice.log_between(5'000, 400'000);
    lose_messages_from(begin, plan, dice, maker);
    for (std::int64_t n = dice.between(1, 4); n > 0; --n) {
        Fault change = maker.make(dice.half() ? FaultKind::remove_member : FaultKind::add_member);
        change.at = plan.horizon - dice.log_between(1'000, 400'000);
        change.lasts = second;
        plan.faults.push_back(change);
    }
}

void add_forgeries(Plan& plan) {
    Dice dice(plan.seed, Stream::faults, 1'005);
    if (!dice.ppm(100'000)) return;
    FaultMaker maker(plan, dice);
    for (std::int64_t n = dice.between(1, 4); n > 0; --n) {
        Fault forge = maker.make(FaultKind::forge);
        forge.amount = changes_members(plan) && dice.half() ? 1 : 0;
        plan.faults.push_back(forge);
    }
    std::stable_sort(plan.faults.begin(), plan.faults.end(),
                     [](const Fault& a, const Fault& b) { return a.at < b.at; });
}

// Disks are lost again and again. Most of these come when it would be one too many, and are left
// out.
void add_wipes(Plan& plan) {
    Dice dice(plan.seed, Stream::faults, 1'004);
    // Nor any where one node stays away in the end.
    const bool one_stays_away =
        std::any_of(plan.faults.begin(), plan.faults.end(),
                    [](const Fault& fault) { return fault.kind == FaultKind::stay_away; });
    if (dice.half() || one_stays_away) return;
    FaultMaker maker(plan, dice);
    for (std::int64_t n = dice.between(4, 16); n > 0; --n) {
        Fault wipe = maker.make(FaultKind::wipe);
        wipe.lasts = dice.log_between(1'000, 300'000);
        plan.faults.push_back(wipe);
    }
}

// Members come and go, by more machines than there are members at first. Whoever leads is struck
// down in the midst of some of it. No disk loses what it had synced, since a node less for good may
// be one too many.
void add_member_changes(Plan& plan) {
    Dice dice(plan.seed, Stream::faults, 1'002);
    if (!dice.ppm(350'000)) return;
    plan.nodes += static_cast<std::uint32_t>(dice.between(1, 3));
    std::erase_if(plan.faults, [](const Fault& fault) { return damages_synced_data(fault.kind); });
    FaultMaker maker(plan, dice);
    constexpr std::array<FaultKind, 11> changes{FaultKind::add_member,
                                                FaultKind::add_member,
                                                FaultKind::add_member,
                                                FaultKind::remove_member,
                                                FaultKind::remove_member,
                                                FaultKind::remove_member,
                                                FaultKind::replace_member,
                                                FaultKind::replace_member,
                                                FaultKind::promote_member,
                                                FaultKind::move_member,
                                                FaultKind::wipe};
    const bool kills_leaders = dice.half();
    const bool in_pairs = dice.half();
    for (std::int64_t n = dice.log_between(2, 16); n > 0; --n) {
        Fault change = maker.make(changes[dice.below(changes.size())]);
        change.lasts = dice.log_between(100'000, 3 * second);
        const bool adds = change.kind == FaultKind::add_member;
        if (adds) change.node = plan.nodes - 1 - change.node % plan.nodes;
        change.amount = adds && dice.ppm(250'000) ? 1 : 0;
        plan.faults.push_back(change);
        if (in_pairs) {
            change.node = (change.node + plan.nodes - 1) % plan.nodes;
            change.at += dice.log_between(100, 50'000);
            plan.faults.push_back(change);
        }
        if (!kills_leaders || dice.half()) continue;
        constexpr std::array<FaultKind, 3> blows{FaultKind::crash_leader, FaultKind::isolate_leader,
                                                 FaultKind::split_leader};
        Fault blow = maker.make(blows[dice.below(blows.size())]);
        blow.at = change.at + dice.log_between(100, 200'000);
        blow.lasts = dice.log_between(50'000, second);
        plan.faults.push_back(blow);
    }
    add_an_end_without_one(plan, dice, maker);
    add_wipes(plan);
    std::stable_sort(plan.faults.begin(), plan.faults.end(),
                     [](const Fault& a, const Fault& b) { return a.at < b.at; });
}

protocol::Op choose_op(Dice& dice) {
    using protocol::Op;
    constexpr std::array<Op, 10> ops{Op::set, Op::set, Op::cas,  Op::cas,  Op::del,
                                     Op::get, Op::get, Op::getm, Op::getm, Op::getm};
    return ops[dice.below(ops.size())];
}

void add_operations(Plan& plan) {
    for (std::uint32_t client = 0; client < plan.clients; ++client) {
        Dice dice(plan.seed, Stream::operations, client);
        const std::int64_t gap = dice.log_between(2'000, 200'000);
        const std::uint64_t expiring_ppm = dice.below(3) * 150'000;
        const std::int64_t largest = dice.log_between(16, 1024);
        for (Micros at = dice.between(0, gap); at < plan.horizon;
             at += dice.between(gap / 2, gap * 2)) {
            Operation operation;
            operation.at = at;
            operation.client = client;
            operation.op = choose_op(dice);
            operation.key = static_cast<std::uint32_t>(dice.below(plan.keys));
            if (dice.ppm(expiring_ppm)) {
                operation.exptime_s = static_cast<std::uint32_t>(dice.between(1, 3));
            }
            operation.value_bytes = static_cast<std::uint32_t>(dice.log_between(8, largest));
            operation.guess = dice.ppm(100'000);
            operation.patience = dice.log_between(50'000, 2 * second);
            operation.node = static_cast<std::uint32_t>(dice.below(plan.nodes));
            plan.operations.push_back(operation);
        }
    }
    std::stable_sort(plan.operations.begin(), plan.operations.end(),
                     [](const Operation& a, const Operation& b) { return a.at < b.at; });
}

}  // namespace

bool damages_synced_data(FaultKind kind) {
    return kind == FaultKind::flip_bit || kind == FaultKind::lose_write ||
           kind == FaultKind::misdirect || kind == FaultKind::lose_tail ||
           kind == FaultKind::roll_back;
}

bool has_forgeries(const Plan& plan) {
    return std::any_of(plan.faults.begin(), plan.faults.end(),
                       [](const Fault& fault) { return fault.kind == FaultKind::forge; });
}

std::string_view name_of(FaultKind kind) {
    return fault_names[static_cast<std::size_t>(kind)];
}

std::vector<std::uint32_t> priorities_of(const Plan& plan) {
    Dice dice(plan.seed, Stream::limits, 2);
    std::vector<std::uint32_t> priorities(plan.nodes, 1);
    if (dice.half()) return priorities;
    for (std::uint32_t& priority : priorities)
        priority = static_cast<std::uint32_t>(dice.between(1, 3));
    return priorities;
}

bool reserves_space(const Plan& plan, std::uint32_t node) {
    return Dice(plan.seed, Stream::limits, 2'000 + node).ppm(800'000);
}

bool leases_differ(const Plan& plan) {
    return Dice(plan.seed, Stream::limits, 4).ppm(150'000);
}

bool reads_by_lease(const Plan& plan) {
    return Dice(plan.seed, Stream::limits, 3).ppm(250'000) || leases_differ(plan);
}

Leases leases_of(const Plan& plan, std::uint32_t node) {
    constexpr Leases none{.has = false};
    constexpr Leases shorter{.election_timeout_min_ms = 70, .election_timeout_max_ms = 140};
    if (!reads_by_lease(plan)) return none;
    const bool usual = Dice(plan.seed, Stream::limits, 1'000 + node).ppm(333'000);
    if (!leases_differ(plan) || usual) return {};
    return Dice(plan.seed, Stream::limits, 5).half() ? none : shorter;
}

Plan make_plan(std::uint64_t seed, const PlanSize& size) {
    Plan plan;
    plan.seed = seed;
    Dice dice(seed, Stream::plan);
    const std::uint32_t chosen = choose_nodes(dice);
    plan.nodes = size.nodes == 0 ? chosen : size.nodes;
    plan.clients = static_cast<std::uint32_t>(dice.between(1, 8));
    plan.keys = static_cast<std::uint32_t>(dice.log_between(1, 16));
    plan.horizon = Micros{size.seconds} * second;
    plan.limits = make_limits(seed);
    plan.pace = make_pace(seed);
    plan.members = plan.nodes;
    add_faults(plan);
    add_late_transfers(plan);
    add_operations(plan);
    add_lease_weather(plan);
    add_member_changes(plan);
    add_forgeries(plan);
    return plan;
}

}  // namespace raftkv::simulation
