#include "node/storage/recovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "node/storage/durable_end.hpp"
#include "node/storage/log_reading.hpp"
#include "node/storage/record.hpp"
#include "node/storage/retire.hpp"
#include "node/storage/snapshot_reader.hpp"
#include "node/storage/torn_tail.hpp"

namespace raftkv::storage {

namespace {

// The log is whole, the state is not.
std::string rebuild_advice(NodeId id) {
    return fmt::format(
        "Nothing was changed. \"raftkv cluster rebuild {}\" brings the state from the others; the "
        "cluster can serve without this node while a majority of the others runs.",
        id.value());
}

// The segments from the last gap on: removals of what a snapshot made superfluous may have been
// undone, here and there, by a loss of power.
Result<std::size_t> first_of_log(Disk& disk, NodeId id, const std::vector<SegmentName>& names) {
    std::size_t first = names.size();
    for (std::size_t i = names.size(); i-- > 0; first = i) {
        const bool last = i + 1 == names.size();
        if (!last && names[i].sequence == names[i + 1].sequence) {
            return Error{ErrorKind::corrupt,
                         fmt::format("the log is damaged: there are two segments {}: {} and {}. {}",
                                     names[i].sequence, disk.path_of(names[i].name),
                                     disk.path_of(names[i + 1].name), anew_advice(id))};
        }
        if (!last && names[i].sequence + 1 != names[i + 1].sequence) {
            break;
        }
    }
    return first;
}

class Recovery {
  public:
    Recovery(Disk& disk, const Identity& identity, const LogFiles& files, RecoveryMode mode,
             StateSink& sink, Recovered& recovered)
        : disk_(disk),
          identity_(identity),
          files_(files),
          mode_(mode),
          sink_(sink),
          recovered_(recovered) {}

    Result<OpenLog> run();

  private:
    // Nothing: the snapshot was never counted, and the next older one has to be tried.
    Result<std::optional<OpenLog>> try_with(LogIndex snapshot);
    Result<OpenLog> run_without_snapshot();
    Result<SnapshotMeta> load(LogIndex snapshot, std::uint64_t& bytes);
    Result<void> judge(const LogReading& log, LogIndex snapshot,
                       const Result<SnapshotMeta>& loaded) const;
    Result<void> check_beginning(const LogReading& log) const;
    Result<OpenLog> finish(LogReading& log, std::uint64_t snapshot_bytes);
    Result<void> check_end(const LogReading& log) const;
    Result<void> cut_tail(LogReading& log);

    Disk& disk_;
    const Identity& identity_;
    const LogFiles& files_;
    const RecoveryMode mode_;
    StateSink& sink_;
    Recovered& recovered_;
    std::vector<SegmentName> segments_;
    std::vector<SegmentName> before_gap_;
    std::optional<DurableEnd> durable_end_;
};

Result<OpenLog> Recovery::run() {
    // A process that was killed may have left names that a power loss would still take away.
    if (mode_ != RecoveryMode::look) {
        if (auto synced = disk_.sync_folder(); !synced) {
            return synced.error();
        }
    }
    auto durable_end = find_durable_end(disk_);
    if (!durable_end) {
        return durable_end.error();
    }
    durable_end_ = *durable_end;
    auto first = first_of_log(disk_, identity_.node_id, files_.segments);
    if (!first) {
        return first.error();
    }
    const auto gap = files_.segments.begin() + static_cast<std::ptrdiff_t>(*first);
    before_gap_.assign(files_.segments.begin(), gap);
    segments_.assign(gap, files_.segments.end());
    if (mode_ == RecoveryMode::start_with_other_snapshot) {
        return run_without_snapshot();
    }
    for (auto candidate = files_.snapshots.rbegin();; ++candidate) {
        const bool none = candidate == files_.snapshots.rend();
        auto log = try_with(none ? LogIndex(0) : *candidate);
        if (!log) {
            return log.error();
        }
        if (*log) {
            return std::move(**log);
        }
    }
}

Result<OpenLog> Recovery::run_without_snapshot() {
    sink_.start();
    LogReading log(disk_, identity_, OpenMode::read_write, nullptr, LogIndex(0));
    if (auto read = log.run(segments_); !read) {
        return read.error();
    }
    if (auto whole = check_end(log); !whole) {
        return whole.error();
    }
    if (auto begins = check_beginning(log); !begins) {
        return begins.error();
    }
    return finish(log, 0);
}

Result<std::optional<OpenLog>> Recovery::try_with(LogIndex snapshot) {
    sink_.start();
    std::uint64_t snapshot_bytes = 0;
    auto loaded = load(snapshot, snapshot_bytes);
    if (!loaded && loaded.error().kind != ErrorKind::corrupt) {
        return loaded.error();
    }
    // A snapshot that is damaged and does not count is no harm: the log tells.
    // Only in the last segment can there be anything that was never synced.
    const OpenMode last = mode_ == RecoveryMode::look ? OpenMode::read_only : OpenMode::read_write;
    LogReading log(disk_, identity_, last, loaded ? &sink_ : nullptr, snapshot);
    if (auto read = log.run(segments_); !read) {
        return read.error();
    }
    if (auto whole = check_end(log); !whole) {
        return whole.error();
    }
    if (log.replay().summary().snapshot().index < snapshot) {
        return std::optional<OpenLog>();
    }
    if (auto good = judge(log, snapshot, loaded); !good) {
        return good.error();
    }
    auto finished = finish(log, snapshot_bytes);
    if (!finished) {
        return finished.error();
    }
    return std::optional(std::move(*finished));
}

Result<SnapshotMeta> Recovery::load(LogIndex snapshot, std::uint64_t& bytes) {
    if (snapshot == LogIndex(0)) {
        return SnapshotMeta();
    }
    auto reader = SnapshotReader::open(disk_, snapshot);
    if (!reader) {
        return reader.error();
    }
    const SnapshotMeta& meta = (*reader)->meta();
    if (meta.cluster_id != identity_.cluster_id) {
        return Error{ErrorKind::usage,
                     fmt::format("{} belongs to cluster {:016x}, but this is cluster {:016x}. Put "
                                 "it back where it came from.",
                                 disk_.path_of(snapshot_name(snapshot)), meta.cluster_id,
                                 identity_.cluster_id)};
    }
    bytes = (*reader)->size();
    for (;;) {
        auto chunk = (*reader)->next();
        if (!chunk) {
            return chunk.error();
        }
        auto taken =
            *chunk ? sink_.snapshot_chunk(**chunk) : sink_.snapshot_end(meta.id, meta.members);
        if (!taken) {
            return Error{taken.error().kind, fmt::format("{} cannot be loaded: {}",
                                                         disk_.path_of(snapshot_name(snapshot)),
                                                         taken.error().message)};
        }
        if (!*chunk) {
            return meta;
        }
    }
}

// Whether the snapshot and the log together are the whole state. No newer snapshot is there.
Result<void> Recovery::judge(const LogReading& log, LogIndex snapshot,
                             const Result<SnapshotMeta>& loaded) const {
    const LogSummary& summary = log.replay().summary();
    auto corrupt = [&](const std::string& what) {
        return Error{ErrorKind::corrupt, what + " " + rebuild_advice(identity_.node_id)};
    };
    if (summary.snapshot().index > snapshot) {
        return corrupt(fmt::format("the snapshot that the log goes on from is missing: {}.",
                                   disk_.path_of(snapshot_name(summary.snapshot().index))));
    }
    if (!loaded) {
        return corrupt(loaded.error().message + ".");
    }
    if (loaded->id != summary.snapshot()) {
        return corrupt(fmt::format("{} is of term {}, and the log knows one of term {}.",
                                   disk_.path_of(snapshot_name(snapshot)), loaded->id.term.value(),
                                   summary.snapshot().term.value()));
    }
    return check_beginning(log);
}

Result<void> Recovery::check_beginning(const LogReading& log) const {
    const LogSummary& summary = log.replay().summary();
    if (summary.first_index() <= summary.snapshot().index + 1) {
        return {};
    }
    return Error{ErrorKind::corrupt,
                 fmt::format("the log is damaged: {} is missing, which comes before {}. The log "
                             "begins with entry {}, and no snapshot reaches it. {}",
                             log.segments().front().sequence > 1
                                 ? fmt::format("segment {}", log.segments().front().sequence - 1)
                                 : "a segment",
                             disk_.path_of(log.segments().front().name),
                             summary.first_index().value(), anew_advice(identity_.node_id))};
}

Result<OpenLog> Recovery::finish(LogReading& log, std::uint64_t snapshot_bytes) {
    OpenLog open;
    if (!segments_.empty()) {
        if (auto cut = cut_tail(log); !cut) {
            return cut.error();
        }
        open.last_file = log.take_last_file();
    }
    const Replay& replay = log.replay();
    open.segments = log.segments();
    open.end = log.end();
    open.last_sum = log.last_sum();
    open.marked = log.marked();
    open.summary = replay.summary();
    open.index = replay.index();
    open.snapshot_bytes = snapshot_bytes;
    if (replay.snapshot_record()) {
        open.retired = retire(*replay.snapshot_record(), open.segments, open.index, open.summary);
    }
    for (const SegmentName& segment : before_gap_) {
        open.leftovers.push_back(segment.name);
    }
    for (LogIndex index : files_.snapshots) {
        if (index != open.summary.snapshot().index) {
            open.leftovers.push_back(snapshot_name(index));
        }
    }
    raft::Restored& state = recovered_.state;
    state.hard_state = open.summary.hard_state();
    state.commit = open.summary.commit();
    state.first_index = open.summary.first_index();
    state.term_before_first = open.summary.term_before_first();
    if (open.summary.snapshot().index > LogIndex(0)) {
        state.snapshot = raft::SnapshotInfo{open.summary.snapshot(), snapshot_bytes};
    }
    state.bytes_after_snapshot = replay.bytes_after_snapshot();
    state.term_runs = open.summary.term_runs();
    state.tail.assign(replay.tail().begin(), replay.tail().end());
    state.last_index = open.summary.last_index();
    return open;
}

// Whether the log reaches as far as it was durable, which a crash cannot undo.
Result<void> Recovery::check_end(const LogReading& log) const {
    if (!durable_end_ || segments_.empty()) {
        return {};
    }
    const Segment& last = log.segments().back();
    const bool reaches = last.sequence > durable_end_->sequence ||
                         (last.sequence == durable_end_->sequence &&
                          last.salt == durable_end_->salt && log.end() >= durable_end_->offset);
    if (reaches) {
        return {};
    }
    return Error{
        ErrorKind::corrupt,
        fmt::format(
            "the end of the log is missing: {} says that it was durable up to offset {} of "
            "segment {}, entry {}, and it ends at offset {} of segment {} ({}), entry {}. A "
            "node that forgot what it had acknowledged must not join its cluster again. {} "
            "If the missing files are somewhere, put them back.",
            disk_.path_of(durable_end_name), durable_end_->offset, durable_end_->sequence,
            durable_end_->last_index.value(), log.end(), last.sequence, disk_.path_of(last.name),
            log.replay().summary().last_index().value(), anew_advice(identity_.node_id))};
}

// Whatever follows the last good record: nothing, the torn tail of a crash, or damage.
Result<void> Recovery::cut_tail(LogReading& log) {
    const Segment& segment = log.segments().back();
    auto scan = scan_tail(log.last_file(), segment, log.end());
    if (!scan) {
        return scan.error();
    }
    if (scan->nonzero_end == log.end()) {
        return {};
    }
    if (scan->synced > log.end()) {
        return log.damage(
            segment.name, log.end(),
            fmt::format("a record is broken, though everything up to offset {} was synced",
                        scan->synced));
    }
    const std::string tail =
        fmt::format("the torn tail of a crash: {} bytes of {} from offset {} on, after entry {}",
                    scan->nonzero_end - log.end(), disk_.path_of(segment.name), log.end(),
                    log.replay().summary().last_index().value());
    if (mode_ == RecoveryMode::look) {
        recovered_.repaired = "the next start will cut off " + tail;
        return {};
    }
    auto copy = cut_torn_tail(disk_, log.last_file(), segment, log.end(), scan->nonzero_end);
    if (!copy) {
        return copy.error();
    }
    recovered_.repaired = "cut off " + tail +
                          (copy->empty() ? "; there was no space to keep a copy"
                                         : "; a copy is in " + disk_.path_of(*copy));
    return {};
}

}  // namespace

Result<OpenLog> recover(Disk& disk, const Identity& identity, const LogFiles& files,
                        RecoveryMode mode, StateSink& sink, Recovered& recovered) {
    return Recovery(disk, identity, files, mode, sink, recovered).run();
}

}  // namespace raftkv::storage
