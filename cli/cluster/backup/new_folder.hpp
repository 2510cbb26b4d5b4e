#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include "common/result.hpp"
#include "common/strong_types.hpp"
#include "node/storage/snapshot_format.hpp"
#include "node/storage/wal.hpp"

namespace raftkv::cli::backup {

// The data folder of a node that has not lived yet.
struct NewFolder {
    std::filesystem::path path;
    storage::Identity identity;
    storage::WalOptions options;
    Term term;                   // the node votes in none before
    storage::SnapshotMeta meta;  // of the snapshot that it starts from
};

// The chunks of that snapshot, one after another, and nothing at their end.
using NextChunk = std::function<Result<std::optional<std::string_view>>()>;

// A number that is not 0 and that nobody can foresee: a cluster's id, a folder's name.
std::uint64_t random_id();

// Writes it, durably: a log that goes on after the snapshot. Nothing may be there.
Result<void> write_new_folder(const NewFolder& folder, const NextChunk& next);

// Gives a folder another name, durably. Nothing may have that one.
Result<void> rename_folder(const std::filesystem::path& from, const std::filesystem::path& to);

// Gives two folders that stand side by side each other's name, durably: a crash leaves both as they
// were, or both exchanged.
Result<void> exchange_folders(const std::filesystem::path& one, const std::filesystem::path& other);
// Moves a file whose content is durable to another place, durably. What is there is replaced.
Result<void> replace_file(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace raftkv::cli::backup
