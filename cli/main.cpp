#include <csignal>

#include "cli/program.hpp"
#include "common/standard_descriptors.hpp"

int main(int argc, char** argv) {
    raftkv::hold_standard_descriptors();
    // A file that may not grow any more is an error like others, and is told by its name.
    std::signal(SIGXFSZ, SIG_IGN);
    return static_cast<int>(raftkv::cli::run_program(argc, argv));
}
