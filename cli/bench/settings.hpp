#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/bench/load/load.hpp"
#include "common/result.hpp"

namespace raftkv::bench {

// What the user asked for.
struct Settings {
    std::vector<std::string> addresses{};  // of nodes that run; empty: start a cluster
    std::uint32_t nodes = 3;               // of that one
    std::filesystem::path folder{};        // where its data goes
    Op op = Op::set;
    std::size_t clients = 64;
    std::size_t pipeline = 1;
    std::size_t value_bytes = 64;
    std::uint64_t keys = 0;
    Distribution distribution = Distribution::uniform;
    double rate = 0;  // 0: a closed loop
    double seconds = 10;
    bool json = false;
    std::filesystem::path report{};
};

// As they are on the command line, before they are made Settings of.
struct Arguments {
    Settings settings{};
    std::string op = "set";
    std::string distribution = "uniform";
    bool names_nodes = false, names_start = false, names_folder = false;
    bool names_keys = false, names_distribution = false, names_rate = false;
};

// An Error of kind usage for what makes no sense together.
Result<Settings> settings_of(const Arguments& arguments);

std::string_view name_of(Op op);
std::string_view name_of(Distribution distribution);

// The command line that asks for these.
std::string command_of(const Settings& settings);

// `keys` are there already, as run_load() needs it.
LoadOptions load_of(const Settings& settings);

// Where the file system of the folder keeps what is synced: a hint for who measures syncs that
// cost nothing. Empty when it is a disk.
std::string hint_about(const std::filesystem::path& folder);

}  // namespace raftkv::bench
