#pragma once

#include <cstdint>
#include <vector>

#include "cli/test/checker/key_part.hpp"

namespace raftkv::test {

// Of the puts whose versions are known, in the order of these.
std::vector<std::uint32_t> puts_by_version(const std::vector<KeyOperation>& operations);

// The puts of one key whose versions are known were done in their order: narrows the spans of the
// reads of their values by that. False when it rules out every order already, which a search might
// take long to find out among many writes of unknown outcome.
bool narrow_by_versions(KeyPart& key);

}  // namespace raftkv::test
