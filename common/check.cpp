#include "common/check.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace raftkv {

namespace {

std::atomic<CheckHandler> check_handler = nullptr;

}  // namespace

void set_check_handler(CheckHandler handler) {
    check_handler = handler;
}

void check_failed(const char* expression, const char* file, int line) {
    if (CheckHandler handler = check_handler) handler(expression, file, line);
    std::fprintf(stderr, "raftkv: invariant broken: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace raftkv
