#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "node/storage/wal.hpp"

namespace raftkv::server {

// What a FakeWal does and has seen. Shared with the test, which may look and change at any time.
struct WalScript {
    std::mutex mutex;
    std::condition_variable changed;
    bool hold_syncs = false;  // sync() waits until this is false
    bool full = false;        // append() finds no room
    bool no_segment = false;  // prepare_segment() finds no room
    bool sync_fails = false;  // with an I/O error
    bool wants_segment = false;
    bool wants_clean_up = false;
    std::vector<std::uint64_t> appended, durable;  // sequences
    bool wants_note = false;
    int syncs = 0, idle_marks = 0, prepared = 0, cleaned = 0, noted = 0;

    template <class Change>
    void set(Change change) {
        std::lock_guard lock(mutex);
        change(*this);
        changed.notify_all();
    }
    template <class Question>
    auto ask(Question question) {
        std::lock_guard lock(mutex);
        return question(*this);
    }
};

// A log in memory that does what a script says.
class FakeWal final : public storage::Wal {
  public:
    explicit FakeWal(WalScript& script) : script_(script) {}

    Result<void> append(const raft::LogWrite& write) override;
    Result<void> sync() override;
    Result<void> mark_idle() override;
    Result<std::vector<raft::Entry>> read(LogIndex from, LogIndex to,
                                          std::size_t max_bytes) override;
    bool wants_segment() const override;
    Result<void> prepare_segment() override;
    bool wants_clean_up() const override;
    Result<void> clean_up() override;
    bool wants_note() const override;
    Result<void> note_durable() override;
    std::uint64_t bytes() const override { return 4711; }
    std::uint64_t snapshot_bytes() const override { return 0; }

  private:
    WalScript& script_;
};

}  // namespace raftkv::server
