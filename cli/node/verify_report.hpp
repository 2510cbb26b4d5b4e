#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "node/storage/folder_look.hpp"

namespace raftkv::cli {

struct VerifiedState {
    std::size_t keys = 0;
    std::uint64_t hash = 0;
};

// All that is known of a folder. `state` counts when the look has no refusal.
std::string verify_text(const std::string& folder, const storage::FolderLook& look,
                        const VerifiedState& state);
std::string verify_json(const std::string& folder, const storage::FolderLook& look,
                        const VerifiedState& state);

// Of the file of a snapshot that is as it was written.
std::string verify_text(const std::string& file, const storage::SnapshotMeta& meta,
                        std::uint64_t bytes, const VerifiedState& state);
std::string verify_json(const std::string& file, const storage::SnapshotMeta& meta,
                        std::uint64_t bytes, const VerifiedState& state);

}  // namespace raftkv::cli
