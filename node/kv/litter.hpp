#pragma once

#include <cstddef>
#include <vector>

#include "node/kv/record.hpp"

namespace raftkv::kv {

// Records that nobody needs any more and that are freed a few at a time: to free a million at once
// takes longer than an election timeout. Owns them.
class Litter {
  public:
    Litter() = default;
    Litter(const Litter&) = delete;
    Litter& operator=(const Litter&) = delete;
    ~Litter();

    // In any number of heaps; `bytes` are those of all their blocks. (To add them up here would
    // look at each record.)
    void add(std::vector<std::vector<Record*>> heaps, std::size_t bytes);
    void free_some(std::size_t limit);
    std::size_t bytes() const { return bytes_; }

  private:
    std::vector<std::vector<Record*>> heaps_;  // none of them empty
    std::size_t bytes_ = 0;                    // of the blocks of all
};

}  // namespace raftkv::kv
