#include "cli/program.hpp"
#include "common/standard_descriptors.hpp"

int main(int argc, char** argv) {
    raftkv::hold_standard_descriptors();
    return static_cast<int>(raftkv::cli::run_program(argc, argv));
}
