#pragma once

#include "cli/test/simulation/dice.hpp"
#include "cli/test/simulation/memory_disk.hpp"
#include "cli/test/simulation/plan.hpp"

namespace raftkv::simulation {

// Damages the record of a log that its own later records say was synced: a flipped bit, a write
// that never arrived, or one that arrived in the wrong place. Recovery must find it. False when
// the log has no such record yet. (Damage to the newest batch looks like the torn tail of a crash,
// and no node can tell by itself.)
bool damage_synced_record(storage::MemoryDisk& disk, FaultKind how, Dice& dice);

// Takes the end of a log away: the last segment, if it has something that was synced; or what was
// written to it last, back to before what the node has noted to be durable. Recovery must find it.
// False when there is nothing like it.
bool lose_tail(storage::MemoryDisk& disk, FaultKind how, Dice& dice);

}  // namespace raftkv::simulation
