#pragma once

namespace raftkv::mutants {

// Which mutant's bugs are in force, by its place in all(); none when negative. Set before the
// replicas start, read by all their threads.
inline int active = -1;

}  // namespace raftkv::mutants
