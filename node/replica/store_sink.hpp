#pragma once

#include <string_view>
#include <utility>

#include "common/result.hpp"
#include "node/kv/store.hpp"
#include "node/kv/store_loader.hpp"
#include "node/raft/types.hpp"
#include "node/storage/state_sink.hpp"

namespace raftkv::replica {

// Makes the store of what a folder holds.
class StoreSink : public storage::StateSink {
  public:
    void start() override {
        loader_ = kv::StoreLoader();
        store_ = kv::Store();
    }
    Result<void> snapshot_chunk(std::string_view chunk) override { return loader_.add(chunk); }
    Result<void> snapshot_end(const raft::SnapshotId& id) override {
        auto loaded = loader_.finish();
        if (!loaded) return loaded.error();
        if (loaded->last_applied() > id.index)
            return Error{ErrorKind::corrupt, "its state is that of a later entry"};
        store_ = std::move(*loaded);
        return {};
    }
    void committed(const raft::Entry& entry) override {
        if (entry.kind == raft::EntryKind::command) store_.apply(entry.index, entry.payload.view());
    }

    kv::Store& store() { return store_; }

  private:
    kv::StoreLoader loader_;
    kv::Store store_;
};

}  // namespace raftkv::replica
