#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "cli/test/history/history.hpp"

namespace raftkv::test {

struct BigShape {
    std::size_t operations = 100'000;
    std::uint32_t keys = 1000;
    std::uint32_t clients = 32;
    std::uint32_t unknown_percent = 3;  // of the writes
};

// What a correct store would leave behind after a long run of many clients. Every tenth key is
// "plain": nothing of it is deleted, expires or goes without an answer.
History correct_big_history(const BigShape& shape, std::uint64_t seed);

// Each of these makes one answer of a correct history wrong, somewhere in it, so that no order can
// explain it. They give the key; nothing when the history has no place for it.
using Planted = std::optional<std::string>;
Planted plant_stale_read(History& history, std::mt19937_64& random);
Planted plant_lost_write(History& history, std::mt19937_64& random);
Planted plant_double_apply(History& history, std::mt19937_64& random);
Planted plant_undeleted_key(History& history, std::mt19937_64& random);
Planted plant_unexpired_key(History& history, std::mt19937_64& random);
Planted plant_reused_version(History& history, std::mt19937_64& random);
Planted plant_old_value_with_new_version(History& history, std::mt19937_64& random);

}  // namespace raftkv::test
