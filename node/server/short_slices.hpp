#pragma once

namespace raftkv::server {

// Asks the scheduler for short slices of processor time for the calling thread (sched(7): EEVDF of
// Linux 6.12 and later). Who asks for little at a time gets it sooner: a thread that was woken up
// by a message or by the disk then need not wait until another program's slice ends, which takes 4
// ms where the processors are busy. Its share of the processor stays the same. Systems that do not
// know this leave everything as it is.
void ask_for_short_slices();

}  // namespace raftkv::server
