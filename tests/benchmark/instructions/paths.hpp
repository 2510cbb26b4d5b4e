#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/result.hpp"

// The paths that every command takes, each by itself.

namespace raftkv::benchmark {

struct Path {
    const char* name;
    const char* what;  // an operation of it
    void (*run)(std::uint64_t operations);
};

const std::vector<Path>& paths();
const Path* find_path(const std::string& name);

}  // namespace raftkv::benchmark
