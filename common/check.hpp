#pragma once

// Assertions for broken invariants. They stay on in release builds: a replica that has lost its
// way must stop before it can tell anybody something false.

namespace raftkv {

// Prints the failed expression with its place on stderr and aborts.
[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace raftkv

#define RAFTKV_CHECK(condition)             \
    (static_cast<bool>(condition) ? void(0) \
                                  : ::raftkv::check_failed(#condition, __FILE__, __LINE__))
