#pragma once

#include <cstdint>
#include <limits>

namespace CLI {
class Validator;
}  // namespace CLI

// What an option that is a number may be. CLI11 alone takes "nan", "0x10" and " 5", and of -1 it
// makes the largest unsigned number.

namespace raftkv::cli {

// Decimal digits, and nothing else.
CLI::Validator whole_number(std::uint64_t least,
                            std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max());

// As config.json takes them.
CLI::Validator node_id();

// Decimal digits, with or without a fraction or an exponent; finite.
CLI::Validator decimal_number(double least, double greatest);

}  // namespace raftkv::cli
