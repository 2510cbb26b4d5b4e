#include "cli/page/provenance.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <thread>

namespace raftkv::cli {

std::vector<std::pair<std::string, std::string>> provenance() {
    std::vector<std::pair<std::string, std::string>> all = {{"raftkv", RAFTKV_VERSION},
                                                            {"compiler", __VERSION__}};
    utsname system = {};
    if (uname(&system) == 0) {
        all.emplace_back("system",
                         fmt::format("{} {} {}, {} processors", system.sysname, system.release,
                                     system.machine, std::thread::hardware_concurrency()));
    }
    return all;
}

}  // namespace raftkv::cli
