#include "node/storage/recovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "node/storage/log_reading.hpp"
#include "node/storage/record.hpp"
#include "node/storage/retire.hpp"
#include "node/storage/snapshot_reader.hpp"
#include "node/storage/torn_tail.hpp"

namespace raftkv::storage {

namespace {

constexpr const char* rebuild_advice =
    "Nothing was changed. Keep this folder for examination, and let this node be rebuilt from the "
    "others; the cluster can serve without it while a majority of the others runs.";

// The segments from the last gap on: removals of what a snapshot made superfluous may have been
// undone, here and there, by a loss of power.
Result<std::size_t> first_of_log(Disk& disk, const std::vector<SegmentName>& names) {
    std::size_t first = names.size();
    for (std::size_t i = names.size(); i-- > 0; first = i) {
        const bool last = i + 1 == names.size();
        if (!last && names[i].sequence == names[i + 1].sequence) {
            return Error{ErrorKind::corrupt,
                         fmt::format("the log is damaged: there are two segments {}: {} and {}. {}",
                                     names[i].sequence, disk.path_of(names[i].name),
                                     disk.path_of(names[i + 1].name), rebuild_advice)};
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
    Result<SnapshotMeta> load(LogIndex snapshot, std::uint64_t& bytes);
    Result<void> judge(const LogReading& log, LogIndex snapshot,
                       const Result<SnapshotMeta>& loaded) const;
    Result<OpenLog> finish(LogReading& log, std::uint64_t snapshot_bytes);
    Result<void> cut_tail(LogReading& log);

    Disk& disk_;
    const Identity& identity_;
    const LogFiles& files_;
    const RecoveryMode mode_;
    StateSink& sink_;
    Recovered& recovered_;
    std::vector<SegmentName> segments_;
    std::vector<SegmentName> before_gap_;
};

Result<OpenLog> Recovery::run() {
    // A process that was killed may have left names that a power loss would still take away.
    if (mode_ == RecoveryMode::start) {
        if (auto synced = disk_.sync_folder(); !synced) {
            return synced.error();
        }
    }
    auto first = first_of_log(disk_, files_.segments);
    if (!first) {
        return first.error();
    }
    const auto gap = files_.segments.begin() + static_cast<std::ptrdiff_t>(*first);
    before_gap_.assign(files_.segments.begin(), gap);
    segments_.assign(gap, files_.segments.end());
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

Result<std::optional<OpenLog>> Recovery::try_with(LogIndex snapshot) {
    sink_.start();
    std::uint64_t snapshot_bytes = 0;
    auto loaded = load(snapshot, snapshot_bytes);
    if (!loaded && loaded.error().kind != ErrorKind::corrupt) {
        return loaded.error();
    }
    // A snapshot that is damaged and does not count is no harm: the log tells.
    // Only in the last segment can there be anything that was never synced.
    const OpenMode last = mode_ == RecoveryMode::start ? OpenMode::read_write : OpenMode::read_only;
    LogReading log(disk_, identity_, last, loaded ? &sink_ : nullptr, snapshot);
    if (auto read = log.run(segments_); !read) {
        return read.error();
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
    auto corrupt = [](const std::string& what) {
        return Error{ErrorKind::corrupt, what + " " + rebuild_advice};
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
    if (summary.first_index() > snapshot + 1) {
        return corrupt(fmt::format(
            "the log is damaged: {} is missing, which comes before {}. The log begins with entry "
            "{}, and no snapshot reaches it.",
            log.segments().front().sequence > 1
                ? fmt::format("segment {}", log.segments().front().sequence - 1)
                : "a segment",
            disk_.path_of(log.segments().front().name), summary.first_index().value()));
    }
    return {};
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
