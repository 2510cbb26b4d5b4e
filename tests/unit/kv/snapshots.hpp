#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "node/kv/store.hpp"
#include "node/kv/store_loader.hpp"

// What the tests of snapshots have in common.

namespace raftkv::kv {

using Chunks = std::vector<std::string>;

// What is left of the store's snapshot; `between` is called after each reading.
template <class Between>
Chunks read_to_end(Store& store, const Between& between) {
    Chunks chunks;
    std::string chunk;
    while (store.read_snapshot(chunk)) {
        if (!chunk.empty()) chunks.push_back(std::exchange(chunk, {}));
        between();
    }
    EXPECT_EQ(chunk, "");
    return chunks;
}

inline Chunks read_to_end(Store& store) {
    return read_to_end(store, [] {});
}

inline Chunks snapshot_of(Store& store) {
    store.begin_snapshot();
    return read_to_end(store);
}

inline Result<Store> load(const Chunks& chunks) {
    StoreLoader loader;
    for (const std::string& chunk : chunks) {
        if (auto added = loader.add(chunk); !added) return added.error();
    }
    return loader.finish();
}

inline Store loaded(const Chunks& chunks) {
    Result<Store> store = load(chunks);
    if (!store) {
        ADD_FAILURE() << store.error().message;
        return Store();
    }
    return std::move(*store);
}

}  // namespace raftkv::kv
