#include "node/server/node_report.hpp"

#include <unistd.h>

#include <fstream>

namespace raftkv::server {

std::uint64_t resident_bytes() {
    std::uint64_t total_pages = 0, resident_pages = 0;
    std::ifstream("/proc/self/statm") >> total_pages >> resident_pages;
    return resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace raftkv::server
