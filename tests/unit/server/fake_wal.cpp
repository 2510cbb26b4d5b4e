#include "tests/unit/server/fake_wal.hpp"

namespace raftkv::server {

Result<void> FakeWal::append(const raft::LogWrite& write) {
    std::lock_guard lock(script_.mutex);
    if (script_.full) return Error{ErrorKind::no_space, "the fake disk is full"};
    script_.appended.push_back(write.sequence);
    return {};
}

Result<void> FakeWal::sync() {
    std::unique_lock lock(script_.mutex);
    std::vector<std::uint64_t> taken = script_.appended;
    script_.changed.wait(lock, [this] { return !script_.hold_syncs; });
    if (script_.sync_fails) return Error{ErrorKind::io, "the fake disk is broken"};
    ++script_.syncs;
    script_.durable = taken;
    return {};
}

Result<void> FakeWal::mark_idle() {
    std::lock_guard lock(script_.mutex);
    ++script_.idle_marks;
    return {};
}

Result<std::vector<raft::Entry>> FakeWal::read(LogIndex from, LogIndex to, std::size_t) {
    std::vector<raft::Entry> entries;
    for (LogIndex index = from; index <= to; ++index) {
        entries.push_back({index, Term(1), raft::EntryKind::noop, {}});
    }
    return entries;
}

bool FakeWal::wants_segment() const {
    std::lock_guard lock(script_.mutex);
    return script_.wants_segment;
}

Result<void> FakeWal::prepare_segment() {
    std::lock_guard lock(script_.mutex);
    if (script_.no_segment) return Error{ErrorKind::no_space, "the fake disk is full"};
    ++script_.prepared;
    script_.wants_segment = false;
    return {};
}

bool FakeWal::wants_clean_up() const {
    std::lock_guard lock(script_.mutex);
    return script_.wants_clean_up;
}

bool FakeWal::wants_note() const {
    std::lock_guard lock(script_.mutex);
    return script_.wants_note;
}

Result<void> FakeWal::note_durable() {
    std::lock_guard lock(script_.mutex);
    ++script_.noted;
    script_.wants_note = false;
    script_.changed.notify_all();
    return {};
}

Result<void> FakeWal::clean_up() {
    std::lock_guard lock(script_.mutex);
    ++script_.cleaned;
    script_.wants_clean_up = false;
    script_.changed.notify_all();
    return {};
}

}  // namespace raftkv::server
