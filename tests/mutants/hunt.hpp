#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/mutants/mutant.hpp"

namespace raftkv::mutants {

struct Catch {
    std::string invariant;
    std::string message;
    std::uint64_t seed = 0;
    std::uint64_t events = 0;  // of all runs up to then
};

// Runs simulations of a program with this mutant until one fails; nothing when none of so many
// seeds does. One at a time.
std::optional<Catch> hunt(std::size_t mutant, std::uint64_t seeds);

// Within how many each must be caught.
constexpr std::uint64_t budget = 1500;

}  // namespace raftkv::mutants
