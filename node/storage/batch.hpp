#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "node/storage/record.hpp"

namespace raftkv::storage {

// Records that will be written with one call. Large payloads stay where they are; small ones are
// copied between their headers, which costs less than a piece of their own.
class Batch {
  public:
    // The record will stand at `place`, directly after the one added before. Gives its header sum.
    std::uint64_t add(const Record& record, const SharedBytes& payload, RecordPlace place);

    bool empty() const { return bytes_ == 0; }
    std::uint64_t bytes() const { return bytes_; }
    // Valid until the batch changes.
    std::vector<std::string_view> pieces() const;
    void clear();

  private:
    struct Splice {
        std::size_t copied_before = 0;  // bytes of copied_ that come before this payload
        SharedBytes payload;
    };

    std::string copied_;
    std::vector<Splice> splices_;
    std::uint64_t bytes_ = 0;
};

}  // namespace raftkv::storage
