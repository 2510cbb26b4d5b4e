#include "node/storage/file_wal.hpp"

#include <utility>

#include "common/check.hpp"
#include "node/storage/folder.hpp"
#include "node/storage/identity.hpp"

namespace raftkv::storage {

namespace {

Result<void> remove_all(Disk& disk, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (auto removed = disk.remove(name); !removed) {
            return removed;
        }
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Wal>> Wal::open(Disk& disk, const Identity& identity,
                                       const WalOptions& options, StateSink& sink,
                                       Recovered& recovered) {
    RAFTKV_CHECK(is_segment_size(options.segment_bytes));
    recovered = {};
    RAFTKV_CHECK(identity.new_folder != 0);
    auto found = check_identity(disk, identity);
    if (!found) {
        return found.error();
    }
    Identity own = identity;
    if (*found) {
        own.cluster_id = (*found)->cluster_id;
        if ((*found)->config_id != 0) own.config_id = (*found)->config_id;
        own.new_folder = (*found)->folder;
    }
    auto folder = list_folder(disk);
    if (!folder) {
        return folder.error();
    }
    if (auto belongs = check_belonging(disk, *folder, found->has_value()); !belongs) {
        return belongs.error();
    }
    const RecoveryMode mode =
        options.brings_snapshot ? RecoveryMode::start_with_other_snapshot : RecoveryMode::start;
    auto log = recover(disk, own, folder->log, mode, sink, recovered);
    if (!log) {
        return log.error();
    }
    for (const auto& leftovers : {folder->leftovers, log->leftovers}) {
        if (auto removed = remove_all(disk, leftovers); !removed) {
            return removed.error();
        }
    }
    auto wal = std::make_unique<FileWal>(disk, own, options, std::move(*log));
    if (folder->log.segments.empty()) {
        if (auto created = wal->create_first_segment(); !created) {
            return created.error();
        }
    }
    if (!*found) {
        if (auto written = write_identity(disk, own); !written) {
            return written.error();
        }
    }
    // What was recovered is durable, and what goes on from it will be told of.
    if (auto noted = wal->note_durable(); !noted && noted.error().kind != ErrorKind::no_space) {
        return noted.error();
    }
    recovered.cluster_id = own.cluster_id;
    recovered.config_id = own.config_id;
    recovered.folder = own.new_folder;
    return std::unique_ptr<Wal>(std::move(wal));
}

FileWal::FileWal(Disk& disk, const Identity& identity, const WalOptions& options, OpenLog log)
    : disk_(disk),
      identity_(identity),
      options_(options),
      pool_(disk, options),
      segments_(std::move(log.segments)),
      file_(std::move(log.last_file)),
      durable_end_(log.end),
      last_sum_(log.last_sum),
      marked_(log.marked),
      summary_(std::move(log.summary)),
      index_(std::move(log.index)),
      commit_(summary_.commit()),
      readable_(summary_.last_index()),
      snapshot_bytes_(log.snapshot_bytes),
      obsolete_(disk),
      durable_note_(disk),
      next_is_due_(!segments_.empty() && is_next_due()) {
    if (!log.retired.empty()) {
        obsolete_.add(log.retired, summary_.snapshot().index);
    }
    if (!segments_.empty()) {
        reached_durably();
    }
}

bool FileWal::wants_segment() const {
    return next_is_due_ && pool_.wants();
}

Result<void> FileWal::prepare_segment() {
    return pool_.prepare();
}

bool FileWal::wants_clean_up() const {
    return obsolete_.any();
}

Result<void> FileWal::clean_up() {
    return obsolete_.remove();
}

std::uint64_t FileWal::bytes() const {
    std::uint64_t sum = obsolete_.segment_bytes();
    for (const Segment& segment : segments_) {
        sum += segment.bytes;
    }
    return sum;
}

Error FileWal::broken(const Error& error) {
    // No space where there must be space is as bad as any other failure of a write.
    broken_ = Error{ErrorKind::io, error.message};
    return *broken_;
}

}  // namespace raftkv::storage
