#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/config.hpp"
#include "common/result.hpp"
#include "node/kv/store.hpp"
#include "node/raft/membership.hpp"
#include "node/raft/types.hpp"

namespace raftkv::cli::backup {

// What one node has, with all of its log carried out, whether that was committed or not: nobody is
// left to say that it was not, and a write that was acknowledged may be among it.
struct Survivor {
    NodeId id;
    std::filesystem::path folder;
    Term term;                         // the latest that it has heard of
    raft::SnapshotId end;              // the last entry of its log
    LogIndex commit;                   // known to be committed
    raft::Member self;                 // it alone, as a member
    std::vector<ServerConfig> others;  // that were members with it, and where
    kv::Store store;
};

// Reads the folder of a node that does not run, and changes nothing. Corrupt when a node would not
// start from it.
Result<Survivor> read_survivor(const ClusterConfig& config, NodeId id);

struct Recovery {
    std::uint64_t cluster_id = 0;  // of the cluster of one that begins
    std::filesystem::path before;  // what the old folder is called then
};

// Makes a folder of what it has, whose node is alone in a cluster of its own, and puts it in the
// place of the old one, which is kept under another name.
Result<Recovery> recover_folder(const ClusterConfig& config, Survivor& survivor);

}  // namespace raftkv::cli::backup
