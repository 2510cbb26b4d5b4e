#include "common/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace raftkv {

void check_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "raftkv: invariant broken: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace raftkv
