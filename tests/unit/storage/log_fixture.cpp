#include "tests/unit/storage/log_fixture.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "node/storage/record.hpp"
#include "node/storage/segment.hpp"
#include "tests/unit/storage/plain_sink.hpp"
#include "tests/unit/storage/snapshot_fixture.hpp"

namespace raftkv::storage {

std::ostream& operator<<(std::ostream& out, const PlainEntry& entry) {
    return out << entry.index << "/" << entry.term << ":" << entry.payload.substr(0, 12);
}

PlainEntry plain(const raft::Entry& entry) {
    return {entry.index.value(), entry.term.value(), entry.kind, std::string(entry.payload.view())};
}

std::vector<PlainEntry> plain_all(const std::vector<raft::Entry>& entries) {
    std::vector<PlainEntry> out;
    out.reserve(entries.size());
    for (const raft::Entry& entry : entries) {
        out.push_back(plain(entry));
    }
    return out;
}

std::ostream& operator<<(std::ostream& out, const LogContent& content) {
    out << "term " << content.hard_state.term.value() << " vote "
        << (content.hard_state.vote ? std::to_string(content.hard_state.vote->value()) : "none")
        << " snapshot " << content.snapshot.index.value() << "/" << content.snapshot.term.value();
    for (const PlainEntry& entry : content.entries) {
        out << " " << entry;
    }
    return out;
}

std::uint64_t LogContent::last_index() const {
    return entries.empty() ? snapshot.index.value() : entries.back().index;
}

std::uint64_t LogContent::last_term() const {
    return entries.empty() ? snapshot.term.value() : entries.back().term;
}

LogContent OpenedLog::content() const {
    LogContent content{recovered.state.hard_state, snapshot.value_or(raft::SnapshotId()),
                       plain_all(committed)};
    for (const raft::Entry& entry : recovered.state.tail) {
        content.entries.push_back(plain(entry));
    }
    return content;
}

std::ostream& operator<<(std::ostream& out, Segments segments) {
    return out << (segments == Segments::filled ? "Filled" : "Reserved");
}

Result<OpenedLog> try_open(Disk& disk, std::uint64_t segment_bytes, const Identity& identity,
                           Segments segments) {
    OpenedLog opened;
    PlainSink sink;
    WalOptions options;
    options.segment_bytes = segment_bytes;
    if (segments == Segments::reserved) {
        options.large_batch_bytes = 0;
    }
    auto wal = Wal::open(disk, identity, options, sink, opened.recovered);
    if (!wal) {
        return wal.error();
    }
    opened.wal = std::move(*wal);
    opened.snapshot = sink.snapshot;
    opened.chunks = std::move(sink.chunks);
    opened.committed = std::move(sink.committed_entries);
    return opened;
}

OpenedLog open_log(Disk& disk, std::uint64_t segment_bytes, Segments segments) {
    auto opened = try_open(disk, segment_bytes, test_identity, segments);
    if (!opened) {
        throw std::runtime_error("the log does not open: " + opened.error().message);
    }
    return std::move(*opened);
}

std::string newest_segment(Disk& disk) {
    const auto names = disk.list();
    const auto newest = std::find_if(names->rbegin(), names->rend(), [](const std::string& name) {
        return parse_segment_name(name).has_value();
    });
    return *newest;
}

raft::Entry command(std::uint64_t index, std::uint64_t term, std::string_view payload) {
    return {LogIndex(index), Term(term), raft::EntryKind::command, SharedBytes::copy_of(payload)};
}

raft::Entry noop(std::uint64_t index, std::uint64_t term) {
    return {LogIndex(index), Term(term), raft::EntryKind::noop, {}};
}

raft::LogWrite entries(std::vector<raft::Entry> entries, std::uint64_t commit) {
    raft::LogWrite write;
    write.entries = std::move(entries);
    write.commit = LogIndex(commit);
    return write;
}

raft::LogWrite vote(std::uint64_t term, std::optional<std::uint32_t> voted_for) {
    raft::LogWrite write;
    write.hard_state = raft::HardState{Term(term), std::nullopt};
    if (voted_for) {
        write.hard_state->vote = NodeId(*voted_for);
    }
    return write;
}

raft::LogWrite replace(std::uint64_t from, std::vector<raft::Entry> entries_after) {
    raft::LogWrite write = entries(std::move(entries_after));
    write.truncate_from = LogIndex(from);
    return write;
}

raft::LogWrite snapshot(std::uint64_t index, std::uint64_t term, std::uint64_t first_kept) {
    raft::LogWrite write;
    write.snapshot = raft::SnapshotMark{{LogIndex(index), Term(term)}, LogIndex(first_kept)};
    write.commit = LogIndex(index);
    return write;
}

Chunks chunks_of(const raft::SnapshotId& id) {
    const std::string index = std::to_string(id.index.value());
    return {"the state after entry " + index, "of term " + std::to_string(id.term.value())};
}

Result<void> place_snapshot(Disk& disk, const raft::SnapshotId& id) {
    auto written = write_snapshot(disk, {test_identity.cluster_id, id, ""}, chunks_of(id));
    return written ? Result<void>() : written.error();
}

void LogModel::append(const raft::LogWrite& write) {
    Step step = steps_.back();
    if (write.hard_state) {
        step.content.hard_state = *write.hard_state;
        steps_.push_back(step);
    }
    if (write.snapshot) {
        take_snapshot(*write.snapshot, step);
        steps_.push_back(step);
    }
    if (write.truncate_from) {
        std::erase_if(step.content.entries, [&](const PlainEntry& entry) {
            return entry.index >= write.truncate_from->value();
        });
        steps_.push_back(step);
    }
    for (const raft::Entry& entry : write.entries) {
        step.content.entries.push_back(plain(entry));
        steps_.push_back(step);
    }
    commit_ = std::max(commit_, write.commit.value());
}

void LogModel::take_snapshot(const raft::SnapshotMark& mark, Step& step) {
    const std::uint64_t index = mark.id.index.value();
    std::vector<PlainEntry>& entries = step.content.entries;
    const bool held = std::any_of(entries.begin(), entries.end(), [&](const PlainEntry& entry) {
        return entry.index == index && entry.term == mark.id.term.value();
    });
    if (held) {
        for (const PlainEntry& entry : entries) {
            if (entry.index <= index) {
                snapshotted_[entry.index] = entry;
            }
        }
        std::erase_if(entries, [&](const PlainEntry& entry) { return entry.index <= index; });
        step.kept_from = std::max(step.kept_from, mark.first_kept.value());
    } else {
        entries.clear();
        step.void_before = step.kept_from = index + 1;
    }
    step.content.snapshot = mark.id;
    commit_ = std::max(commit_, index);
}

std::string LogModel::restart(const OpenedLog& opened) {
    std::ostringstream wrong;
    const raft::Restored& state = opened.recovered.state;
    const LogContent content = opened.content();
    const std::uint64_t first = state.first_index.value();
    auto found = std::find_if(
        steps_.begin() + static_cast<std::ptrdiff_t>(synced_), steps_.end(), [&](const Step& step) {
            return step.content == content && first >= step.void_before && first <= step.kept_from;
        });
    if (found == steps_.end()) {
        wrong << "recovered " << content << " from entry " << first << " on\nbut synced was "
              << steps_[synced_].content << " from " << steps_[synced_].kept_from
              << " on\nand the last write made it " << now() << "\n";
    }
    const std::uint64_t given = content.snapshot.index.value() + opened.committed.size();
    if (state.commit.value() != given || given > commit_) {
        wrong << "commit " << state.commit.value() << " of at most " << commit_ << ", " << given
              << " entries given as committed\n";
    }
    if (state.last_index.value() != content.last_index()) {
        wrong << "last index " << state.last_index.value() << "\n";
    }
    wrong << check_readable(opened) << check_old_entries(opened);
    steps_ = {found == steps_.end() ? Step{content} : *found};
    synced_ = 0;
    commit_ = std::min<std::uint64_t>(commit_, content.last_index());
    return wrong.str();
}

// What the log still has from before the snapshot.
std::string LogModel::check_old_entries(const OpenedLog& opened) const {
    const LogIndex last = opened.snapshot ? opened.snapshot->index : LogIndex(0);
    auto entries = opened.wal->read(opened.recovered.state.first_index, last, ~std::size_t{0});
    for (const PlainEntry& entry : plain_all(*entries)) {
        auto known = snapshotted_.find(entry.index);
        if (known == snapshotted_.end() || known->second != entry) {
            return "an entry of before the snapshot is not what it was\n";
        }
    }
    return "";
}

std::uint64_t LogModel::term_at(std::uint64_t index) const {
    return now().entries.at(index - now().snapshot.index.value() - 1).term;
}

std::string check_readable(const OpenedLog& opened) {
    const raft::Restored& state = opened.recovered.state;
    const LogContent content = opened.content();
    if (opened.snapshot.has_value() != state.snapshot.has_value() ||
        (state.snapshot &&
         (state.snapshot->id != content.snapshot || opened.chunks != chunks_of(content.snapshot) ||
          state.snapshot->bytes != opened.wal->snapshot_bytes()))) {
        return "not the snapshot that counts\n";
    }
    auto all = opened.wal->read(state.first_index, state.last_index, ~std::size_t{0});
    if (!all) {
        return "cannot be read: " + all.error().message + "\n";
    }
    std::vector<PlainEntry> after;
    std::vector<raft::TermRun> runs;
    std::uint64_t next = state.first_index.value(), bytes = 0;
    for (const PlainEntry& entry : plain_all(*all)) {
        if (entry.index != next++) {
            return "a gap in what is read\n";
        }
        if (runs.empty() || runs.back().term.value() != entry.term) {
            runs.push_back({LogIndex(entry.index), Term(entry.term)});
        }
        if (entry.index > content.snapshot.index.value()) {
            after.push_back(entry);
            bytes += record_bytes(entry.payload.size());
        }
    }
    if (after != content.entries || next != state.last_index.value() + 1) {
        return "what is read is not what was recovered\n";
    }
    if (bytes != state.bytes_after_snapshot) {
        return "wrong bytes after the snapshot\n";
    }
    return runs == state.term_runs ? "" : "wrong term runs\n";
}

}  // namespace raftkv::storage
