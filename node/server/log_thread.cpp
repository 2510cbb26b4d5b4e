#include "node/server/log_thread.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "common/error.hpp"
#include "node/server/last_words.hpp"
#include "node/server/short_slices.hpp"

namespace raftkv::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long nothing must have been written before the last batch is marked as synced.
constexpr milliseconds idle_after{10};
// How far the log is durable is noted no more often, and no later, than this.
constexpr milliseconds note_after{1000};
// Between attempts to find room on a full disk.
constexpr milliseconds room_retry{1000};

[[noreturn]] void die(const Error& error) {
    end_process("the log failed", error);
}

// Of an operation that may only fail for lack of space: false then.
bool succeeded(const Result<void>& result) {
    if (result.ok()) return true;
    if (result.error().kind != ErrorKind::no_space) die(result.error());
    return false;
}

}  // namespace

struct LogThread::Impl {
    Impl(std::unique_ptr<storage::Wal> wal_in, std::function<void()> notify_in)
        : wal(std::move(wal_in)), notify(std::move(notify_in)) {
        stats.log_bytes = wal->bytes();
        cleaning = wal->wants_clean_up();
        writer = std::thread([this] { write_loop(); });
        preparer = std::thread([this] { prepare_loop(); });
    }

    ~Impl() {
        {
            std::lock_guard lock(mutex);
            stopping = true;
        }
        work.notify_one();
        preparation.notify_one();
        writer.join();
        preparer.join();
    }

    // The writing thread.
    void write_loop();
    bool wait_for_work();
    void append_backlog();
    void sync_and_publish(std::uint64_t sequence);
    void serve_fetches();
    void wake_preparer(bool segment, bool files, bool note);

    // The preparing thread.
    void prepare_loop();
    bool prepare_segment();
    void clean_up();

    // Both; the lock is held.
    void update_room();
    void notify_once(std::unique_lock<std::mutex> lock);

    const std::unique_ptr<storage::Wal> wal;
    const std::function<void()> notify;

    // Owned by the writing thread.
    std::vector<raft::LogWrite> backlog;  // taken, and not yet appended
    std::vector<raft::EntryFetch> fetches;
    bool idle_marked = true;

    mutable std::mutex mutex;  // guards all below
    std::condition_variable work, preparation;
    std::vector<raft::LogWrite> submitted;
    std::vector<raft::EntryFetch> requested;
    bool stopping = false;
    bool preparing = false;           // a segment is wanted and being prepared
    bool preparation_failed = false;  // for lack of space
    bool cleaning = false;            // files are to be removed
    bool noting = false;              // how far the log is durable is to be noted
    steady_clock::time_point note_at = steady_clock::now();  // not before
    bool blocked = false;  // the first of the backlog finds no room
    bool room_told = true;
    bool notified = false;  // and not collected since
    Done done;
    Stats stats;

    std::thread writer, preparer;
};

void LogThread::Impl::write_loop() {
    ask_for_short_slices();
    while (wait_for_work()) {
        append_backlog();
        serve_fetches();
        wake_preparer(wal->wants_segment(), wal->wants_clean_up(), wal->wants_note());
    }
    succeeded(wal->note_durable());
}

// Gathers everything that was submitted. False when all is done and the owner wants an end.
bool LogThread::Impl::wait_for_work() {
    std::unique_lock lock(mutex);
    auto arrived = [this] { return stopping || !submitted.empty() || !requested.empty(); };
    if (blocked) {
        work.wait_for(lock, room_retry, [this] { return stopping || !requested.empty(); });
    } else if (!idle_marked && !work.wait_for(lock, idle_after, arrived)) {
        idle_marked = true;
        lock.unlock();
        succeeded(wal->mark_idle());
        lock.lock();
    }
    if (!blocked) work.wait(lock, arrived);
    if (stopping && submitted.empty() && (backlog.empty() || blocked)) return false;
    if (backlog.empty()) {
        backlog.swap(submitted);
    } else {
        std::move(submitted.begin(), submitted.end(), std::back_inserter(backlog));
        submitted.clear();
    }
    fetches.swap(requested);
    return true;
}

void LogThread::Impl::wake_preparer(bool segment, bool files, bool note) {
    std::lock_guard lock(mutex);
    const bool news = segment || files || (note && !noting);
    preparing = preparing || segment;
    cleaning = cleaning || files;
    noting = noting || note;
    if (news) preparation.notify_one();
}

void LogThread::Impl::append_backlog() {
    std::size_t appended = 0;
    while (appended < backlog.size() && succeeded(wal->append(backlog[appended]))) ++appended;
    if (appended > 0) sync_and_publish(backlog[appended - 1].sequence);
    backlog.erase(backlog.begin(), backlog.begin() + static_cast<std::ptrdiff_t>(appended));
    std::unique_lock lock(mutex);
    if (blocked == !backlog.empty()) return;
    blocked = !backlog.empty();
    update_room();
    notify_once(std::move(lock));
}

void LogThread::Impl::sync_and_publish(std::uint64_t sequence) {
    auto begin = steady_clock::now();
    if (Result<void> synced = wal->sync(); !synced.ok()) die(synced.error());
    auto took = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin);
    idle_marked = false;
    std::unique_lock lock(mutex);
    stats.sync_us.add(static_cast<std::uint64_t>(took.count()));
    stats.log_bytes = wal->bytes();
    done.persisted = sequence;
    notify_once(std::move(lock));
}

void LogThread::Impl::serve_fetches() {
    for (const raft::EntryFetch& fetch : fetches) {
        auto entries = wal->read(fetch.from, fetch.to, fetch.max_bytes);
        if (!entries.ok()) die(entries.error());
        std::unique_lock lock(mutex);
        done.fetched.push_back({fetch.follower, std::move(entries).value()});
        notify_once(std::move(lock));
    }
    fetches.clear();
}

void LogThread::Impl::prepare_loop() {
    std::unique_lock lock(mutex);
    while (true) {
        auto has_work = [this] { return stopping || preparing || cleaning; };
        if (noting)
            preparation.wait_until(lock, note_at, has_work);
        else
            preparation.wait(lock, [&] { return has_work() || noting; });
        if (stopping) return;
        // First, for it makes room.
        const bool files = std::exchange(cleaning, false), segment = preparing;
        const bool note = noting && steady_clock::now() >= note_at;
        if (note) {
            noting = false;
            note_at = steady_clock::now() + note_after;
        }
        lock.unlock();
        if (files) clean_up();
        if (note) succeeded(wal->note_durable());
        const bool prepared = !segment || prepare_segment();
        lock.lock();
        if (segment) preparing = !prepared;
        bool changed = preparation_failed == prepared;
        preparation_failed = !prepared;
        if (changed) {
            update_room();
            notify_once(std::move(lock));
            lock = std::unique_lock(mutex);
        }
        if (!prepared) {
            preparation.wait_for(lock, room_retry, [this] { return stopping || cleaning; });
        }
    }
}

bool LogThread::Impl::prepare_segment() {
    return !wal->wants_segment() || succeeded(wal->prepare_segment());
}

void LogThread::Impl::clean_up() {
    if (Result<void> cleaned = wal->clean_up(); !cleaned.ok()) die(cleaned.error());
}

void LogThread::Impl::update_room() {
    bool room = !blocked && !preparation_failed;
    if (room == room_told) return;
    room_told = room;
    done.has_room = room;
}

void LogThread::Impl::notify_once(std::unique_lock<std::mutex> lock) {
    bool first = !std::exchange(notified, true);
    lock.unlock();
    if (first) notify();
}

LogThread::LogThread(std::unique_ptr<storage::Wal> wal, std::function<void()> notify)
    : impl_(std::make_unique<Impl>(std::move(wal), std::move(notify))) {}

LogThread::~LogThread() = default;

void LogThread::submit(raft::LogWrite write) {
    {
        std::lock_guard lock(impl_->mutex);
        impl_->submitted.push_back(std::move(write));
    }
    impl_->work.notify_one();
}

void LogThread::fetch(const raft::EntryFetch& fetch) {
    {
        std::lock_guard lock(impl_->mutex);
        impl_->requested.push_back(fetch);
    }
    impl_->work.notify_one();
}

LogThread::Done LogThread::collect() {
    std::lock_guard lock(impl_->mutex);
    impl_->notified = false;
    return std::exchange(impl_->done, {});
}

LogThread::Stats LogThread::stats() const {
    std::lock_guard lock(impl_->mutex);
    return impl_->stats;
}

}  // namespace raftkv::server
