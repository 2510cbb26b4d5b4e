#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "common/check.hpp"
#include "common/result.hpp"
#include "node/kv/store.hpp"
#include "node/kv/store_loader.hpp"
#include "node/raft/membership.hpp"
#include "node/raft/types.hpp"
#include "node/storage/state_sink.hpp"

namespace raftkv::replica {

// Makes the store of what a folder holds.
class StoreSink : public storage::StateSink {
  public:
    void start() override {
        loader_ = kv::StoreLoader();
        store_ = kv::Store();
        members_.reset();
    }
    Result<void> snapshot_chunk(std::string_view chunk) override { return loader_.add(chunk); }
    Result<void> snapshot_end(const raft::SnapshotId& id, std::string_view members) override {
        auto loaded = loader_.finish();
        if (!loaded) return loaded.error();
        if (loaded->last_applied() > id.index)
            return Error{ErrorKind::corrupt, "its state is that of a later entry"};
        store_ = std::move(*loaded);
        if (members.empty()) return {};  // still the first ones
        return take_members(id.index, members);
    }
    void committed(const raft::Entry& entry) override {
        if (entry.kind == raft::EntryKind::command) store_.apply(entry.index, entry.payload.view());
        // What cannot be read here never gets into a log.
        if (entry.kind == raft::EntryKind::members)
            RAFTKV_CHECK(take_members(entry.index, entry.payload.view()).ok());
    }

    kv::Store& store() { return store_; }
    // As of the last entry that came; nothing while they are the first ones.
    const std::optional<raft::MembershipAt>& members() const { return members_; }

  private:
    Result<void> take_members(LogIndex index, std::string_view bytes) {
        auto members = raft::decode_membership(bytes);
        if (!members) return Error{ErrorKind::corrupt, "it does not say who the members are"};
        members_ = {index, std::move(*members)};
        return {};
    }

    kv::StoreLoader loader_;
    kv::Store store_;
    std::optional<raft::MembershipAt> members_;
};

}  // namespace raftkv::replica
