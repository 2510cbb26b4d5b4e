#include "common/standard_descriptors.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "common/error.hpp"

namespace raftkv {

namespace {

std::array<bool, 3> was_closed{};

}  // namespace

void hold_standard_descriptors() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(fd, F_GETFD) != -1 || errno != EBADF) {
            continue;
        }
        was_closed[static_cast<std::size_t>(fd)] = true;
        // The lowest number that is free is this one: those below it are open by now.
        const int held = ::open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY);
        if (held != fd) {
            std::perror("raftkv: opening /dev/null in place of a closed standard descriptor");
            ::_exit(static_cast<int>(ExitCode::io));
        }
    }
}

bool stdout_was_closed() {
    return was_closed[STDOUT_FILENO];
}

}  // namespace raftkv
