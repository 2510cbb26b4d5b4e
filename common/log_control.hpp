#pragma once

#include <chrono>

// Of the log in common/log.hpp, for who runs the process.

namespace raftkv::log {

// Waits until what was said is written, for a moment at most. Before the process ends in a way
// that runs no exit handlers.
void flush(std::chrono::milliseconds at_most = std::chrono::milliseconds(300));

// If stderr is a file: from now on the file that has its name now. For who moves logs away.
void reopen();

}  // namespace raftkv::log
