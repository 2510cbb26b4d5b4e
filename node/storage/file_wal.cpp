#include "node/storage/file_wal.hpp"

#include <fmt/format.h>

#include <utility>

#include "common/check.hpp"
#include "node/storage/identity.hpp"
#include "node/storage/record.hpp"
#include "node/storage/snapshot_format.hpp"
#include "node/storage/torn_tail.hpp"

namespace raftkv::storage {

namespace {

struct Folder {
    LogFiles log;
    std::vector<std::string> leftovers;  // of something that a crash kept from being finished
};

Result<Folder> look_at(Disk& disk) {
    auto names = disk.list();
    if (!names) {
        return names.error();
    }
    Folder folder;
    for (const std::string& name : *names) {
        if (auto segment = parse_segment_name(name)) {
            folder.log.segments.push_back(std::move(*segment));
        } else if (auto snapshot = parse_snapshot_name(name)) {
            folder.log.snapshots.push_back(*snapshot);
        } else if (is_unfinished_name(name) || is_unfinished_snapshot_name(name) ||
                   name == identity_temporary_name) {
            folder.leftovers.push_back(name);
        }
    }
    return folder;
}

// The identity comes after the first segment: between the two, this is all there can be.
Result<bool> is_one_empty_segment(Disk& disk, const std::vector<SegmentName>& segments) {
    if (segments.size() != 1) {
        return false;
    }
    auto file = disk.open(segments.front().name, OpenMode::read_only);
    if (!file) {
        return file.error();
    }
    Segment segment;
    auto size = (*file)->size();
    if (!size) {
        return size.error();
    }
    if (!is_segment_size(*size)) {
        return false;
    }
    segment.bytes = *size;
    auto scan = scan_tail(**file, segment, header_block_bytes);
    if (!scan) {
        return scan.error();
    }
    return scan->nonzero_end == header_block_bytes;
}

// The identity and the segments belong together; where one is missing, somebody removed it.
Result<void> check_belonging(Disk& disk, const Folder& folder, IdentityFile identity) {
    if (identity == IdentityFile::ours) {
        if (!folder.log.segments.empty()) {
            return {};
        }
        return Error{ErrorKind::corrupt,
                     fmt::format("the log is missing: {} says that there was one, but there is no "
                                 "segment of it. Nothing was changed. A node that forgot its votes "
                                 "and entries must not join its cluster again: put the files back.",
                                 disk.path_of(identity_name))};
    }
    if (folder.log.segments.empty()) {
        return {};
    }
    auto unfinished = is_one_empty_segment(disk, folder.log.segments);
    if (!unfinished) {
        return unfinished.error();
    }
    if (*unfinished) {
        return {};
    }
    return Error{ErrorKind::corrupt,
                 fmt::format("{} is missing beside the segments of a log, so nothing says whose "
                             "log it is. Nothing was changed. Put the file back.",
                             disk.path_of(identity_name))};
}

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
    auto identity_file = check_identity(disk, identity);
    if (!identity_file) {
        return identity_file.error();
    }
    auto folder = look_at(disk);
    if (!folder) {
        return folder.error();
    }
    if (auto belongs = check_belonging(disk, *folder, *identity_file); !belongs) {
        return belongs.error();
    }
    auto log = recover(disk, identity, folder->log, sink, recovered);
    if (!log) {
        return log.error();
    }
    for (const auto& leftovers : {folder->leftovers, log->leftovers}) {
        if (auto removed = remove_all(disk, leftovers); !removed) {
            return removed.error();
        }
    }
    auto wal = std::make_unique<FileWal>(disk, identity, options, std::move(*log));
    if (folder->log.segments.empty()) {
        if (auto created = wal->create_first_segment(); !created) {
            return created.error();
        }
    }
    if (*identity_file == IdentityFile::absent) {
        if (auto written = write_identity(disk, identity); !written) {
            return written.error();
        }
    }
    return std::unique_ptr<Wal>(std::move(wal));
}

FileWal::FileWal(Disk& disk, const Identity& identity, const WalOptions& options, OpenLog log)
    : disk_(disk),
      identity_(identity),
      options_(options),
      pool_(disk, options.segment_bytes),
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
      next_is_due_(!segments_.empty() && is_next_due()) {
    if (!log.retired.empty()) {
        obsolete_.add(log.retired, summary_.snapshot().index);
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
