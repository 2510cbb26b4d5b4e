#pragma once

#include <memory>
#include <string_view>

#include "common/result.hpp"
#include "node/kv/store.hpp"

namespace raftkv::kv {

// Makes a store of the chunks of a snapshot, which may come from anywhere: every byte is checked.
// The store goes on exactly as the one that was read; keys that were past their end in that one are
// gone.
class StoreLoader {
  public:
    StoreLoader();
    ~StoreLoader();
    StoreLoader(StoreLoader&&) noexcept;
    StoreLoader& operator=(StoreLoader&&) noexcept;

    // The next chunk, as read_snapshot() gave it. An error is `corrupt`, says which item is wrong,
    // and is the end: the loader is of no use any more.
    Result<void> add(std::string_view chunk);

    // After the last chunk, and once. `corrupt` when something is missing, or when what was loaded
    // isn't what the snapshot says of itself.
    Result<Store> finish();

  private:
    struct Work;
    std::unique_ptr<Work> work_;
};

}  // namespace raftkv::kv
