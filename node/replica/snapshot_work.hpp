#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "node/kv/store.hpp"
#include "node/raft/effects.hpp"
#include "node/raft/types.hpp"
#include "node/replica/replica.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/snapshot_reader.hpp"
#include "node/storage/snapshot_receiver.hpp"
#include "node/storage/snapshot_writer.hpp"

// What a SnapshotPort is asked, carried out on a disk. Without a thread and a clock: the owner
// brings these, and hands tasks and answers over whole.

namespace raftkv::replica {

struct BeginSnapshot {
    raft::SnapshotId id;
    std::string members = {};  // encoded; empty: the first ones
};
struct AddToSnapshot {
    std::string chunk;
};
struct EndSnapshot {};
struct GiveUpSnapshot {};
struct DiscardSnapshot {
    raft::SnapshotId id;
};
struct BelongTo {
    std::uint64_t cluster = 0;
};
using SnapshotTask = std::variant<BeginSnapshot, AddToSnapshot, EndSnapshot, GiveUpSnapshot,
                                  raft::SnapshotPiece, raft::SnapshotFetch, DiscardSnapshot,
                                  BelongTo, kv::Store>;  // a Store is to be freed

struct SnapshotWritten {
    raft::SnapshotInfo info;
};
struct SnapshotFailed {
    std::string why;
};
struct SnapshotStored {
    raft::SnapshotId id;
    std::uint64_t bytes = 0;
};
struct SnapshotLost {
    raft::SnapshotId id;
    std::string why;
};
struct SnapshotReceived {
    raft::SnapshotInfo info;
    LoadedSnapshot loaded;
};
struct SnapshotFetched {
    raft::SnapshotFetch fetch;
    SharedBytes bytes;
};
// The file is gone, or damaged.
struct SnapshotUnreadable {
    raft::SnapshotFetch fetch;
    std::string why;
};
using SnapshotAnswer = std::variant<SnapshotWritten, SnapshotFailed, SnapshotStored, SnapshotLost,
                                    SnapshotReceived, SnapshotFetched, SnapshotUnreadable>;

// The replica hears the answer.
void tell(Replica& replica, SnapshotAnswer answer);

class SnapshotWork {
  public:
    SnapshotWork(storage::Disk& disk, std::uint64_t cluster_id)
        : disk_(disk), cluster_id_(cluster_id) {}

    // Appends the answers that there are. An error is one after which nobody knows what the disk
    // holds: the process must end.
    Result<void> carry_out(SnapshotTask task, std::vector<SnapshotAnswer>& answers);

  private:
    Result<void> begin(const BeginSnapshot& task, std::vector<SnapshotAnswer>& answers);
    Result<void> add(const std::string& chunk, std::vector<SnapshotAnswer>& answers);
    Result<void> end(std::vector<SnapshotAnswer>& answers);
    Result<void> store(const raft::SnapshotPiece& piece, std::vector<SnapshotAnswer>& answers);
    Result<void> receive(const raft::SnapshotPiece& piece);
    Result<void> complete(const raft::SnapshotInfo& info, std::vector<SnapshotAnswer>& answers);
    Result<LoadedSnapshot> load(LogIndex index);
    Result<void> fetch(const raft::SnapshotFetch& fetch, std::vector<SnapshotAnswer>& answers);
    Result<std::string> read_verified(const raft::SnapshotFetch& wanted);
    Result<void> failed(const Error& error, std::vector<SnapshotAnswer>& answers);

    storage::Disk& disk_;
    std::uint64_t cluster_id_;

    std::unique_ptr<storage::SnapshotWriter> writer_;  // of the one that is being taken
    raft::SnapshotId taken_;
    std::unique_ptr<storage::SnapshotReceiver> receiver_;  // of the one that comes in
    raft::SnapshotId incoming_;
    std::unique_ptr<storage::SnapshotReader> reader_;  // of the one that is being sent
    std::uint64_t verified_ = 0;                       // the end of what was sent of it
};

}  // namespace raftkv::replica
