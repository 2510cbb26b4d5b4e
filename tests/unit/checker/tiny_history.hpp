#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "cli/test/history/history.hpp"

namespace raftkv::test {

struct TinyShape {
    int operations = 6;
    int keys = 1;
    bool with_expiry = false;
};

// What a correct store would leave behind: operations that overlap a lot, at multiples of 250 ms.
History correct_tiny_history(const TinyShape& shape, std::mt19937_64& random);

// Changes one answer, or one time, at random.
void tamper(History& history, std::mt19937_64& random);

// For messages of a failed test.
std::string text_of(const History& history);

}  // namespace raftkv::test
