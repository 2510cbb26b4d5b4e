#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace raftkv::test {

// What the user asked for.
struct Settings {
    std::vector<std::string> scenarios;  // in the order in which they run
    std::filesystem::path node_program;  // run as: <program> node <id> --config <file>
    std::uint32_t nodes = 5;
    std::uint64_t seed = 0;
    std::uint32_t rounds = 10;   // how often each thing happens to the leader, or all is written
    std::uint32_t clients = 16;  // stress, transfer
    std::uint32_t seconds = 15;  // stress
    bool keep = false;           // data and logs stay, also of what passed
    bool json = false;
};

}  // namespace raftkv::test
