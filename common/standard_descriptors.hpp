#pragma once

namespace raftkv {

// Opens /dev/null on each of the descriptors 0, 1 and 2 that is closed: 0 to read, 1 and 2 to
// write. Otherwise the next file or socket would get that number, and whatever is printed would be
// written into it. To be called before anything else is opened; ends the process with 74 when it
// can't be done. Children inherit what was opened.
void hold_standard_descriptors();

// Whether nobody could read what is printed, because descriptor 1 was closed at the start.
bool stdout_was_closed();

}  // namespace raftkv
