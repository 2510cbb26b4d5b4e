#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

// What chaos does to a cluster of real processes.

namespace raftkv::chaos {

// What people choose from.
enum class Family : std::uint8_t { kill, pause, partition, disk, clock, transfer, membership };

enum class Kind : std::uint8_t {
    kill,            // SIGKILL; started again at the end
    kill_all,        // all nodes at once
    pause,           // SIGSTOP; SIGCONT at the end
    pause_most,      // a majority
    isolate,         // one node and the others do not hear each other
    deafen,          // one node hears nothing, and is heard
    mute,            // one node hears everything, and is not heard
    split,           // a minority and the others do not hear each other
    bridge,          // two halves that hear each other only through one node
    shatter,         // no node hears any other
    delay,           // all messages come later
    drop,            // some of all messages vanish
    fill_disk,       // no new space
    fill_disks,      // of any node
    slow_disk,       // each sync takes longer
    stall_disk,      // no sync returns
    clock_jump,      // the wall clock is wrong
    clock_drift,     // all clocks run too fast or too slow
    transfer,        // leadership is handed over
    add_member,      // a node joins, and votes once it has caught up
    add_learner,     // a node joins as a learner, and is promoted by order
    remove_member,   // a node leaves
    replace_member,  // a node joins, and takes the place of another
};

// How many nodes a fault of a kind is done to.
enum class Reach : std::uint8_t {
    one,
    some,      // up to a minority
    minority,  // as many as can be done without
    majority,
    all,
};

struct KindTraits {
    Kind kind;
    Family family;
    std::string_view name;  // "kill all nodes"
    Reach reach;
    // Its nodes cannot be counted on while it lasts.
    bool disables;
    // How often it is drawn from its family, to the others.
    std::uint32_t weight;

    // No majority is left that could serve.
    bool takes_quorum() const { return disables && reach >= Reach::majority; }
};

std::span<const KindTraits> all_kinds();
const KindTraits& traits_of(Kind kind);

std::span<const Family> all_families();
std::string_view name_of(Family family);
// "kill", "pause" ...
std::optional<Family> parse_family(std::string_view name);

// Nodes join or leave the cluster. It lasts until that is so, and not for a time that is planned.
bool changes_members(Kind kind);
// A member goes.
bool takes_away(Kind kind);

// Done by the node to itself, over its control socket; the others by signals and orders.
bool needs_control_socket(Family family);

}  // namespace raftkv::chaos
