#pragma once

#include <cstdint>

#include "common/result.hpp"

namespace raftkv::test {

// Ports on 127.0.0.1 for a cluster whose nodes come and go. Ports of the range that the kernel
// hands out would be taken by somebody's connection while their node is down; these lie below it.
// One of them is held for the life of the object, so that two runs never share a block.
class PortBlock {
  public:
    static constexpr std::uint16_t size = 64;  // with the one that is held

    // A block, all of whose ports are free now, tried from a random one on.
    static Result<PortBlock> reserve(std::uint64_t random);

    PortBlock(PortBlock&& other) noexcept;
    PortBlock& operator=(PortBlock&&) = delete;
    ~PortBlock();

    // 0 <= n < size - 1
    std::uint16_t port(std::uint32_t n) const;

  private:
    PortBlock(std::uint16_t first, int guard) : first_(first), guard_(guard) {}

    std::uint16_t first_;
    int guard_;  // listens on the last port of the block
};

}  // namespace raftkv::test
