#include "tests/fuzz/sample_log.hpp"

#include <map>
#include <optional>
#include <random>
#include <utility>

#include "cli/test/simulation/memory_disk.hpp"
#include "common/bytes.hpp"
#include "common/checksum.hpp"
#include "node/storage/record.hpp"
#include "node/storage/segment.hpp"
#include "node/storage/snapshot_format.hpp"
#include "node/storage/snapshot_writer.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/unit/storage/plain_sink.hpp"

namespace raftkv::fuzz {

namespace {

constexpr unsigned sample_count = 64;

class Life {
  public:
    explicit Life(std::uint64_t seed) : random_(seed), disk_(seed) {}

    std::map<std::string, std::string> live() {
        storage::Recovered recovered;
        storage::PlainSink sink;
        auto wal =
            storage::Wal::open(disk_, sample_identity, {sample_segment_bytes}, sink, recovered);
        always(wal.ok(), "a new log opens");
        const std::uint64_t batches = random_() % 12;
        for (std::uint64_t i = 0; i < batches; ++i) {
            always((*wal)->append(next_write()).ok() && (*wal)->sync().ok(),
                   "a log can be written");
            if (random_() % 6 == 0) {
                always((*wal)->mark_idle().ok(), "a log can be marked");
            }
            if (random_() % 2 == 0) {
                always((*wal)->clean_up().ok(), "a log can be cleaned up");
            }
        }
        if (random_() % 4 == 0) {
            place({LogIndex(last_ + 1), Term(term_)});  // and it never counts
        }
        return disk_.all_contents();
    }
    std::uint64_t commit() const { return commit_; }

  private:
    raft::LogWrite next_write() {
        raft::LogWrite write;
        if (random_() % 3 == 0) {
            write.hard_state = raft::HardState{Term(++term_), std::nullopt};
            if (random_() % 2 == 0) {
                write.hard_state->vote = NodeId(static_cast<std::uint32_t>(random_() % 5));
            }
        }
        if (random_() % 4 == 0) {
            write.snapshot = next_snapshot();
        }
        if (random_() % 4 == 0 && last_ > commit_) {
            last_ = commit_ + random_() % (last_ - commit_);
            write.truncate_from = LogIndex(last_ + 1);
        }
        const std::uint64_t count = random_() % 5;
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint64_t size = random_() % 6 == 0 ? random_() % 500 : random_() % 30;
            const std::string payload(size, static_cast<char>('a' + random_() % 3));
            write.entries.push_back({LogIndex(++last_), Term(term_), raft::EntryKind::command,
                                     SharedBytes::copy_of(payload)});
            terms_[last_] = term_;
        }
        if (last_ > commit_ && random_() % 2 == 0) {
            commit_ += random_() % (last_ - commit_);
        }
        write.commit = LogIndex(commit_);
        return write;
    }

    // Of the log's own state, or one that it jumps to.
    std::optional<raft::SnapshotMark> next_snapshot() {
        raft::SnapshotId id;
        LogIndex first_kept;
        if (random_() % 3 == 0) {
            id = {LogIndex(commit_ + 1 + random_() % 20), Term(++term_)};
            commit_ = last_ = id.index.value();
            first_kept = id.index + 1;
        } else if (commit_ > snapshot_) {
            const std::uint64_t index = snapshot_ + 1 + random_() % (commit_ - snapshot_);
            id = {LogIndex(index), Term(terms_.at(index))};
            first_kept = LogIndex(1 + random_() % (index + 1));
        } else {
            return std::nullopt;
        }
        snapshot_ = id.index.value();
        place(id);
        return raft::SnapshotMark{id, first_kept};
    }

    void place(const raft::SnapshotId& id) {
        auto writer = storage::SnapshotWriter::create(disk_, {sample_identity.cluster_id, id, ""});
        always(writer.ok() && (*writer)->add(chunk_of(id)).ok() && (*writer)->finish().ok(),
               "a snapshot can be written");
    }

    std::mt19937_64 random_;
    storage::MemoryDisk disk_;
    std::map<std::uint64_t, std::uint64_t> terms_;  // of the entries
    std::uint64_t term_ = 1;
    std::uint64_t last_ = 0;
    std::uint64_t commit_ = 0;
    std::uint64_t snapshot_ = 0;
};

// Reads the records of a good log by itself: recovery is what is on trial.
class Index {
  public:
    explicit Index(SampleLog& log) : log_(log) { log_.states.push_back(sum_.value()); }

    void read() {
        for (const auto& [name, file] : log_.files) {
            const std::string& bytes = *file;
            if (storage::parse_snapshot_name(name)) {
                log_.snapshots.push_back(name);
            }
            if (!storage::parse_segment_name(name)) {
                continue;
            }
            const auto header = storage::decode_segment_header(bytes);
            always(header.has_value(), "a segment has a header");
            if (log_.segments.empty()) {
                begin(*header);
            }
            log_.segments.push_back(name);
            log_.salts.push_back(header->salt);
            log_.end = storage::header_block_bytes;
            while (read_record(bytes, {header->salt, log_.end})) {
            }
        }
        log_.last_index = sum_.last_index();
    }

  private:
    void begin(const storage::SegmentHeader& header) {
        sum_.begin_after({header.first_index - 1, header.term_before_first});
        sum_.take(header.hard_state);
        log_.states.back() = sum_.value();
    }

    bool read_record(std::string_view bytes, storage::RecordPlace place) {
        const std::string_view at = bytes.substr(place.offset);
        const auto header = storage::decode_header(at, place);
        if (!header) {
            return false;
        }
        const storage::Record& record = header->record;
        log_.records.push_back({log_.segments.size() - 1, place.offset,
                                std::string(at.substr(0, storage::record_header_bytes)),
                                record.synced});
        if (record.kind == storage::RecordKind::entry) {
            const auto payload = at.substr(storage::record_header_bytes, header->length);
            sum_.take(raft::Entry{record.index, record.term, record.entry_kind,
                                  SharedBytes::copy_of(payload)});
        } else if (record.kind == storage::RecordKind::truncate) {
            sum_.truncate(record.index);
        } else if (record.kind == storage::RecordKind::hard_state) {
            sum_.take(record.hard_state);
        } else if (record.kind == storage::RecordKind::snapshot) {
            sum_.take({record.index, record.term}, record.voids_log);
        }
        log_.states.push_back(sum_.value());
        log_.end += storage::record_bytes(header->length);
        return true;
    }

    SampleLog& log_;
    LogSum sum_;
};

SampleLog make_sample(std::uint64_t seed) {
    SampleLog log;
    Life life(seed);
    for (auto& [name, bytes] : life.live()) {
        log.files.emplace(name, std::make_shared<std::string>(bytes));
    }
    log.commit = life.commit();
    Index(log).read();
    return log;
}

}  // namespace

void LogSum::take(const raft::Entry& entry) {
    always(entry.index.value() == last_index() + 1, "entries follow one another");
    const std::uint64_t seed = entry.index.value() * 31 * 31 + entry.term.value() * 31 +
                               static_cast<std::uint64_t>(entry.kind);
    entries_.push_back(checksum(entry.payload.view(), seed));
}

void LogSum::truncate(LogIndex from) {
    if (from > snapshot_.index) {
        entries_.resize(from.value() - snapshot_.index.value() - 1);
    } else {
        begin_after({from - 1, Term(0)});
    }
}

void LogSum::take(const raft::SnapshotId& snapshot, bool voids) {
    const std::uint64_t held = snapshot.index.value() - snapshot_.index.value();
    if (voids || snapshot.index < snapshot_.index || held > entries_.size()) {
        entries_.clear();
    } else {
        entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(held));
    }
    snapshot_ = snapshot;
}

void LogSum::begin_after(const raft::SnapshotId& entry) {
    entries_.clear();
    snapshot_ = entry;
}

std::uint64_t LogSum::value() const {
    std::string bytes;
    put(bytes, hard_state_.term.value());
    put<std::uint8_t>(bytes, hard_state_.vote.has_value());
    put(bytes, hard_state_.vote.value_or(NodeId()).value());
    put(bytes, snapshot_.index.value());
    put(bytes, snapshot_.term.value());
    for (std::uint64_t entry : entries_) {
        put(bytes, entry);
    }
    return checksum(bytes);
}

std::string chunk_of(const raft::SnapshotId& id) {
    return "the state after entry " + std::to_string(id.index.value()) + " of term " +
           std::to_string(id.term.value());
}

const std::vector<SampleLog>& sample_logs() {
    static const std::vector<SampleLog> logs = [] {
        std::vector<SampleLog> made;
        for (unsigned seed = 1; seed <= sample_count; ++seed) {
            made.push_back(make_sample(seed));
        }
        return made;
    }();
    return logs;
}

}  // namespace raftkv::fuzz
