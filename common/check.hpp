#pragma once

// Assertions for broken invariants. They stay on in release builds: a replica that has lost its
// way must stop before it can tell anybody something false.

namespace raftkv {

// Prints the failed expression with its place on stderr and aborts.
[[noreturn]] void check_failed(const char* expression, const char* file, int line);

// Is told instead, for the whole process, and must not return: it throws. For programs that run
// replicas in order to judge them, and outlive the ones that fail.
using CheckHandler = void (*)(const char* expression, const char* file, int line);
void set_check_handler(CheckHandler handler);

}  // namespace raftkv

#define RAFTKV_CHECK(condition)             \
    (static_cast<bool>(condition) ? void(0) \
                                  : ::raftkv::check_failed(#condition, __FILE__, __LINE__))
