#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "cli/test/chaos/fault_kind.hpp"
#include "common/strong_types.hpp"

// When to do what. Nothing in here knows clocks, processes or chance of its own: the same settings
// give the same schedule, on any machine.

namespace raftkv::chaos {

using Millis = std::chrono::milliseconds;

struct ScheduleSettings {
    std::uint64_t seed = 0;
    std::vector<Family> families;  // not empty
    std::uint32_t nodes = 5;       // at least 3; their ids count from 0
    Millis length{60'000};
    // From one fault to the next, about. Less where the length has no room for two of each family.
    Millis every{1'500};
};

struct PlannedFault {
    Kind kind = Kind::kill;
    Millis at{0};  // since the beginning
    Millis lasts{0};
    // Whoever leads when it begins is the first that it is done to.
    bool at_leader = false;
    std::uint32_t count = 0;  // of nodes
    // All nodes, those that are to be taken first in front; when members change those, too, that
    // can be added.
    std::vector<NodeId> order;
    // delay, slow_disk, clock_jump: milliseconds. drop, clock_drift: hundredths of a percent.
    std::int64_t amount = 0;

    Millis end() const { return at + lasts; }
    bool operator==(const PlannedFault&) const = default;
};

// So many nodes can be added to the first ones: then machines are used up.
constexpr std::uint32_t spare_nodes = 4;

// In the order of their beginnings; all end within the length. At any time the nodes that cannot be
// counted on are a minority at most, except during faults that take the quorum on purpose: no
// others that disable nodes run beside those. Each family occurs, and each kind once there is time.
std::vector<PlannedFault> make_schedule(const ScheduleSettings& settings);

// The nodes that a fault is done to, now that it begins: the leader if it is wanted and known, then
// those first in the order, leaving out nodes that are not well anyway. May be fewer than planned.
std::vector<NodeId> choose_nodes(const PlannedFault& fault, std::optional<NodeId> leader,
                                 const std::set<NodeId>& unwell);

// Who belongs to the cluster, as far as is known.
struct Roster {
    std::set<NodeId> members;
    std::set<NodeId> leaving;  // removed, and not heard to have ended yet
};

// Whom a change of members is about: who goes, the leader if it is wanted and known, then who
// comes. Between `least` members and two more; nobody when there would be too few, or too many.
std::vector<NodeId> choose_members(const PlannedFault& fault, std::optional<NodeId> leader,
                                   const Roster& roster, std::size_t least);

}  // namespace raftkv::chaos
