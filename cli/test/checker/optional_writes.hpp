#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "cli/test/checker/key_model.hpp"
#include "cli/test/checker/key_part.hpp"

namespace raftkv::test {

// The writes of unknown outcome whose values nobody saw. Those that ask for the same (the same
// command, exptime and expected version) differ in nothing but their start, so that only the one
// of each kind that began first needs to be tried: wherever a later one could stand, it could.
class OptionalWrites {
  public:
    explicit OptionalWrites(const std::vector<KeyOperation>& operations);

    // Appends those that can come next in this state, one of each kind, if it began by `deadline`.
    void candidates(KeyState state, Instant deadline, std::vector<std::uint32_t>& found) const;

    void take_out(std::uint32_t operation) { ++kinds_[kind_of_.at(operation)].taken; }
    void put_back(std::uint32_t operation) { --kinds_[kind_of_.at(operation)].taken; }

  private:
    struct Kind {
        std::vector<std::uint32_t> operations;  // by start
        std::uint32_t taken = 0;                // so many from the front
    };

    void add_first(std::uint32_t kind, Instant deadline, std::vector<std::uint32_t>& found) const;

    const std::vector<KeyOperation>& operations_;
    std::vector<Kind> kinds_;
    std::unordered_map<std::uint32_t, std::uint32_t> kind_of_;  // by operation
    // Which kinds there are for a state.
    std::vector<std::uint32_t> sets_;
    std::vector<std::uint32_t> deletes_;
    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> cas_;  // by expected version
};

}  // namespace raftkv::test
