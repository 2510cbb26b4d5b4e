#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "cli/test/chaos/schedule.hpp"

namespace raftkv::chaos {

// What the user asked for.
struct Settings {
    std::filesystem::path node_program;  // run as: <program> node <id> --config <file>
    bool own_nodes = true;               // the program is this one
    std::uint32_t nodes = 5;
    std::uint64_t seed = 0;
    std::uint32_t seconds = 60;
    std::uint32_t clients = 16;
    Millis every{1'500};
    std::vector<Family> families;
    std::filesystem::path report;  // where the page goes; empty: nowhere
    bool keep = false;             // data and logs stay, also of what passed
    bool json = false;
};

}  // namespace raftkv::chaos
