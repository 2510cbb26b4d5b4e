#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace raftkv::kv {

class FrozenState;
struct StoreState;

// The state of a store at one moment, read out in chunks while more is applied (Store::read_out).
// It may outlive its store, on whose thread it is used and destroyed.
class StoreReader {
  public:
    enum class Outcome {
        more,          // a chunk was appended; or nothing, because there was much to pass over
        end,           // there is none left
        store_is_gone  // the rest can't be had any more
    };

    explicit StoreReader(const std::shared_ptr<StoreState>& state);
    ~StoreReader();
    StoreReader(StoreReader&&) noexcept;
    StoreReader& operator=(StoreReader&&) = delete;

    // As Store::read_snapshot(), with the same chunks.
    Outcome read(std::string& chunk);
    // What the store has overwritten or removed since, and this has still to read.
    std::size_t kept_bytes() const;

  private:
    std::weak_ptr<StoreState> state_;
    std::unique_ptr<FrozenState> frozen_;
};

}  // namespace raftkv::kv
