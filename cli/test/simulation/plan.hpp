#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol/request.hpp"

// What a simulation will do to a cluster, laid down before it starts: sizes and limits, the
// weather, the faults, the clients' operations. A plan and its seed determine everything.

namespace raftkv::simulation {

using Micros = std::int64_t;

enum class FaultKind : std::uint8_t {
    crash,           // kill -9: what was written stays, synced or not
    power_loss,      // unsynced sectors and names are kept or lost by chance
    power_loss_all,  // of all nodes at once
    crash_in_sync,   // power goes in the middle of a disk operation
    crash_leader,    // likewise, whoever leads at that time; or, when `amount` is not 0, so many
                     // microseconds after somebody wins the next election
    pause,           // SIGSTOP
    pause_leader,    // likewise
    leave,           // leadership is handed over (SIGTERM's first half), the process stays
    cut_one_way,     // nothing from `node` reaches `other`
    split,           // the nodes in `amount`'s bits, and the others
    isolate,         // `node`, from all others
    isolate_leader,  // likewise
    bridge,          // two halves that only `node` reaches
    ring,            // each node reaches its two neighbours only
    flap,            // a cut that comes and goes every `amount` microseconds
    clog,            // messages from `node` to `other` are held back, then all come at once
    storm,           // drop, duplicate, reorder or corrupt with a chance of `amount` ppm
    sync_error,      // the next fdatasync fails, once
    write_error,     // the next write fails, once
    disk_full,       // no byte more than there is
    slow_disk,       // each sync takes `amount` microseconds longer
    stalled_disk,    // no sync ends
    flip_bit,        // in what a stopped node has on disk, where its log knows it was synced
    lose_write,      // likewise: sectors that never got there
    misdirect,       // likewise: sectors that got what belongs elsewhere
    crash_recovery,  // power goes while a node recovers
    wall_jump,       // the wall clock moves by `amount` milliseconds
    clock_rate,      // both clocks run fast or slow by `amount` ppm
    transfer,        // whoever leads is told to hand over to `other`; `amount` as with crash_leader
    lose_clocks,     // all machines start anew, and what they kept of the cluster's clock is gone
    lose_clock,      // likewise, `node`
    add_member,      // whoever leads is asked to, again and again for a while; an `amount` of 1
                     // asks for a learner that is not to be promoted
    promote_member,  // likewise
    remove_member,   // likewise
    replace_member,  // likewise; `other` takes the place of `node`
    wipe,            // the disk of `node` is emptied, if the others can do without it
    split_leader,    // whoever leads and all that have no vote, and the others
    clog_leader,     // what anybody says to whoever leads is held back, then all comes at once
    stay_away,    // whoever leads, or else `node`, crashes for good in the moment that everything
                  // else heals, if the others can do without it
    lose_tail,    // the last segment of a stopped node is gone
    roll_back,    // likewise: what it held last is gone, as if an older copy had been put back
    forge,        // somebody tells `node` what would do harm if it was believed, in the name of
                  // `other`; an `amount` of 1: as one with another data folder
    move_member,  // whoever leads is asked to, as for add_member; `node` gets another address
};
constexpr std::size_t fault_kinds = static_cast<std::size_t>(FaultKind::move_member) + 1;
std::string_view name_of(FaultKind kind);

enum class Storm : std::uint32_t { drop, duplicate, reorder, corrupt, truncate };

struct Fault {
    FaultKind kind = FaultKind::crash;
    Micros at = 0;
    Micros lasts = 0;  // also: until a crashed node is started again
    std::uint32_t node = 0;
    std::uint32_t other = 0;  // a node, or which Storm
    std::int64_t amount = 0;

    bool operator==(const Fault&) const = default;
};

struct Operation {
    Micros at = 0;  // not before; a client does one at a time
    std::uint32_t client = 0;
    protocol::Op op = protocol::Op::get;
    std::uint32_t key = 0;
    std::uint32_t exptime_s = 0;
    std::uint32_t value_bytes = 8;
    bool guess = false;      // cas: a version that nobody ever gave
    Micros patience = 0;     // then the client gives up
    std::uint32_t node = 0;  // asked first

    bool operator==(const Operation&) const = default;
};

constexpr std::uint64_t no_snapshots = std::uint64_t{1} << 40;
constexpr std::uint64_t no_large_batches = std::uint64_t{1} << 40;

// Tiny, so that every bound is met.
struct Limits {
    std::uint64_t segment_bytes = 64u << 10;
    std::uint64_t large_batch_bytes = no_large_batches;  // from here on segments are only reserved
    std::uint64_t max_append_bytes = 1024;
    std::uint64_t max_inflight_bytes = 8192;
    std::uint64_t max_inflight_messages = 8;
    std::uint64_t max_uncommitted_bytes = 64u << 10;
    std::uint64_t log_cache_bytes = 4096;
    std::uint64_t max_pending_bytes = 64u << 10;
    std::uint64_t snapshot_log_bytes = no_snapshots;  // a snapshot after so much log
    std::uint64_t snapshot_read_bytes = 1024;         // of the state, in one turn
    std::uint64_t snapshot_chunk_bytes = 1024;        // of the file, in one message
    std::uint64_t snapshot_window_bytes = 4096;
    std::uint32_t hold_ms = 1000;

    bool operator==(const Limits&) const = default;
};

struct Pace {
    Micros message = 200;         // the least that one takes
    Micros message_jitter = 300;  // at most so much more, and ten times that now and then
    Micros sync = 300;
    Micros sync_jitter = 500;
    Micros turn = 20;  // what a node gathers before it acts

    bool operator==(const Pace&) const = default;
};

struct Plan {
    std::uint64_t seed = 1;
    std::uint32_t nodes = 3;    // machines
    std::uint32_t members = 3;  // the first so many belong to the cluster when it starts
    std::uint32_t clients = 3;
    std::uint32_t keys = 4;
    Micros horizon = 10'000'000;  // then everything heals
    Limits limits;
    Pace pace;
    std::vector<Fault> faults;          // ascending times
    std::vector<Operation> operations;  // ascending times

    bool operator==(const Plan&) const = default;
};

struct PlanSize {
    std::uint32_t nodes = 0;  // 0: the seed decides, from 1 to 7
    std::uint32_t seconds = 10;
};

// Who should rather lead, by node; all alike in half of the plans. From the seed alone.
std::vector<std::uint32_t> priorities_of(const Plan& plan);

// In a plan that changes members, data folders have ids.
inline bool changes_members(const Plan& plan) {
    return plan.members < plan.nodes;
}

// Nodes are told things that no node said.
bool has_forgeries(const Plan& plan);

// Whether the disk of a node can set space aside: most can. From the seed alone.
bool reserves_space(const Plan& plan, std::uint32_t node);

// Kinds that take from a node what it had synced: it must refuse to start.
bool damages_synced_data(FaultKind kind);

// How a node is configured to read, and to let others read.
struct Leases {
    bool has = true;
    std::uint32_t election_timeout_min_ms = 150;
    std::uint32_t election_timeout_max_ms = 300;
};

// Leaders answer reads by leases. From the seed alone.
bool reads_by_lease(const Plan& plan);
// Not all nodes of such a plan are configured alike: some have no leases, or shorter ones.
bool leases_differ(const Plan& plan);
Leases leases_of(const Plan& plan, std::uint32_t node);

// Swarm testing: each kind of fault is on or off, and as frequent, as the seed says.
Plan make_plan(std::uint64_t seed, const PlanSize& size);

}  // namespace raftkv::simulation
