#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/storage/state_sink.hpp"

namespace raftkv::storage {

// Keeps what it is given; entries may go elsewhere instead.
class PlainSink final : public StateSink {
  public:
    PlainSink() = default;
    explicit PlainSink(std::function<void(const raft::Entry&)> on_committed)
        : on_committed_(std::move(on_committed)) {}

    void start() override {
        ++starts;
        snapshot.reset();
        chunks.clear();
        committed_entries.clear();
    }
    Result<void> snapshot_chunk(std::string_view chunk) override {
        chunks.emplace_back(chunk);
        return {};
    }
    Result<void> snapshot_end(const raft::SnapshotId& id, std::string_view) override {
        snapshot = id;
        return {};
    }
    void committed(const raft::Entry& entry) override {
        if (on_committed_) {
            on_committed_(entry);
        } else {
            committed_entries.push_back(entry);
        }
    }

    int starts = 0;
    std::optional<raft::SnapshotId> snapshot;  // a whole one
    std::vector<std::string> chunks;
    std::vector<raft::Entry> committed_entries;

  private:
    std::function<void(const raft::Entry&)> on_committed_;
};

}  // namespace raftkv::storage
