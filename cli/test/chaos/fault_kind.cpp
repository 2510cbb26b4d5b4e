#include "cli/test/chaos/fault_kind.hpp"

#include <algorithm>
#include <array>

#include "common/check.hpp"

namespace raftkv::chaos {
namespace {

constexpr KindTraits kinds[] = {
    {Kind::kill, Family::kill, "kill", Reach::some, true, 2},
    {Kind::kill_all, Family::kill, "kill all nodes", Reach::all, true, 1},
    {Kind::pause, Family::pause, "pause", Reach::some, true, 3},
    {Kind::pause_most, Family::pause, "pause a majority", Reach::majority, true, 1},
    {Kind::isolate, Family::partition, "isolate", Reach::one, true, 2},
    {Kind::deafen, Family::partition, "cut what it hears", Reach::one, true, 1},
    {Kind::mute, Family::partition, "cut what it says", Reach::one, true, 1},
    {Kind::split, Family::partition, "partition", Reach::some, true, 1},
    // Each half has the bridge, and so a majority; but no node may fail besides.
    {Kind::bridge, Family::partition, "bridge", Reach::minority, true, 1},
    {Kind::shatter, Family::partition, "isolate all nodes", Reach::all, true, 1},
    {Kind::delay, Family::partition, "delay messages", Reach::all, false, 1},
    {Kind::drop, Family::partition, "drop messages", Reach::all, false, 1},
    {Kind::fill_disk, Family::disk, "fill the disk", Reach::one, true, 2},
    {Kind::fill_disks, Family::disk, "fill all disks", Reach::all, true, 1},
    {Kind::slow_disk, Family::disk, "slow disk", Reach::some, false, 1},
    {Kind::stall_disk, Family::disk, "stall the disk", Reach::one, true, 1},
    {Kind::clock_jump, Family::clock, "set the clock wrong", Reach::one, false, 1},
    {Kind::clock_drift, Family::clock, "let clocks drift", Reach::one, false, 1},
    {Kind::transfer, Family::transfer, "move leadership", Reach::one, false, 1},
    {Kind::add_member, Family::membership, "add a node", Reach::one, false, 1},
    {Kind::add_learner, Family::membership, "add a learner", Reach::one, false, 1},
    // As many as are added.
    {Kind::remove_member, Family::membership, "remove a node", Reach::one, false, 2},
    {Kind::replace_member, Family::membership, "replace a node", Reach::one, false, 1},
};

constexpr Family every_family[] = {Family::kill,  Family::pause,    Family::partition, Family::disk,
                                   Family::clock, Family::transfer, Family::membership};

}  // namespace

std::span<const KindTraits> all_kinds() {
    return kinds;
}

const KindTraits& traits_of(Kind kind) {
    const auto* found = std::find_if(std::begin(kinds), std::end(kinds),
                                     [&](const KindTraits& traits) { return traits.kind == kind; });
    RAFTKV_CHECK(found != std::end(kinds));
    return *found;
}

std::span<const Family> all_families() {
    return every_family;
}

std::string_view name_of(Family family) {
    switch (family) {
        case Family::kill:
            return "kill";
        case Family::pause:
            return "pause";
        case Family::partition:
            return "partition";
        case Family::disk:
            return "disk";
        case Family::clock:
            return "clock";
        case Family::transfer:
            return "transfer";
        case Family::membership:
            return "membership";
    }
    check_failed("known Family", __FILE__, __LINE__);
}

std::optional<Family> parse_family(std::string_view name) {
    const auto* found = std::find_if(std::begin(every_family), std::end(every_family),
                                     [&](Family family) { return name_of(family) == name; });
    if (found == std::end(every_family)) return std::nullopt;
    return *found;
}

bool changes_members(Kind kind) {
    return traits_of(kind).family == Family::membership;
}

bool takes_away(Kind kind) {
    return kind == Kind::remove_member || kind == Kind::replace_member;
}

bool needs_control_socket(Family family) {
    return family == Family::partition || family == Family::disk || family == Family::clock;
}

}  // namespace raftkv::chaos
