#pragma once

#include <filesystem>

#include "common/config.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

namespace raftkv::cli::backup {

// Gives the folder of a node that does not run the state that is in `file`: a snapshot of the same
// cluster, verified, which is moved. What comes of it is what a node has that was sent that
// snapshot by its leader (thesis, figure 5.3) and crashed then: one record more in the log, by
// which the snapshot counts. Term, vote and the entries after it are as they were, and so is the
// name of the folder; entries that the log has of another term are void, as they can't be
// committed.
//
// Refused are a snapshot of another cluster (usage), one that is older than what the log begins
// after, for then something would be missing (failed), and a folder that is damaged, or has
// committed what the snapshot does not have (corrupt): in each case nothing is changed.
Result<void> rebuild_folder(const ClusterConfig& config, NodeId id,
                            const std::filesystem::path& file);

}  // namespace raftkv::cli::backup
