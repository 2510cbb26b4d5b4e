#include "tests/unit/storage/log_fixture.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tests/unit/storage/plain_sink.hpp"

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
        << (content.hard_state.vote ? std::to_string(content.hard_state.vote->value()) : "none");
    for (const PlainEntry& entry : content.entries) {
        out << " " << entry;
    }
    return out;
}

LogContent OpenedLog::content() const {
    LogContent content{recovered.state.hard_state, plain_all(committed)};
    for (const raft::Entry& entry : recovered.state.tail) {
        content.entries.push_back(plain(entry));
    }
    return content;
}

Result<OpenedLog> try_open(Disk& disk, std::uint64_t segment_bytes, const Identity& identity) {
    OpenedLog opened;
    PlainSink sink;
    auto wal = Wal::open(disk, identity, {segment_bytes}, sink, opened.recovered);
    if (!wal) {
        return wal.error();
    }
    opened.wal = std::move(*wal);
    opened.committed = std::move(sink.committed_entries);
    return opened;
}

OpenedLog open_log(Disk& disk, std::uint64_t segment_bytes) {
    auto opened = try_open(disk, segment_bytes);
    if (!opened) {
        throw std::runtime_error("the log does not open: " + opened.error().message);
    }
    return std::move(*opened);
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

void LogModel::append(const raft::LogWrite& write) {
    LogContent content = now();
    if (write.hard_state) {
        content.hard_state = *write.hard_state;
        steps_.push_back(content);
    }
    if (write.truncate_from) {
        content.entries.resize(write.truncate_from->value() - 1);
        steps_.push_back(content);
    }
    for (const raft::Entry& entry : write.entries) {
        content.entries.push_back(plain(entry));
        steps_.push_back(content);
    }
    commit_ = std::max(commit_, write.commit.value());
}

std::string LogModel::restart(const OpenedLog& opened) {
    std::ostringstream wrong;
    const raft::Restored& state = opened.recovered.state;
    const LogContent content = opened.content();
    auto found =
        std::find(steps_.begin() + static_cast<std::ptrdiff_t>(synced_), steps_.end(), content);
    if (found == steps_.end()) {
        wrong << "recovered " << content << "\nbut synced was " << steps_[synced_]
              << "\nand the last write made it " << now() << "\n";
    }
    if (state.commit.value() != opened.committed.size() || state.commit.value() > commit_) {
        wrong << "commit " << state.commit.value() << " of at most " << commit_ << ", "
              << opened.committed.size() << " entries given as committed\n";
    }
    if (state.last_index.value() != content.entries.size()) {
        wrong << "last index " << state.last_index.value() << "\n";
    }
    wrong << check_term_runs(opened);
    steps_ = {content};
    synced_ = 0;
    commit_ = std::min<std::uint64_t>(commit_, content.entries.size());
    return wrong.str();
}

std::uint64_t LogModel::last_term() const {
    return now().entries.empty() ? 0 : now().entries.back().term;
}

std::string check_term_runs(const OpenedLog& opened) {
    std::vector<raft::TermRun> runs;
    for (const PlainEntry& entry : opened.content().entries) {
        if (runs.empty() || runs.back().term.value() != entry.term) {
            runs.push_back({LogIndex(entry.index), Term(entry.term)});
        }
    }
    return runs == opened.recovered.state.term_runs ? "" : "wrong term runs\n";
}

}  // namespace raftkv::storage
