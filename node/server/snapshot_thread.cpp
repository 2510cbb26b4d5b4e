#include "node/server/snapshot_thread.hpp"

#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>

#include "common/log.hpp"
#include "node/server/last_words.hpp"

namespace raftkv::server {
namespace {

using replica::SnapshotAnswer;
using replica::SnapshotTask;

std::size_t chunk_bytes(const SnapshotTask& task) {
    const auto* added = std::get_if<replica::AddToSnapshot>(&task);
    return added ? added->chunk.size() : 0;
}

void say(const SnapshotAnswer& answer) {
    if (const auto* failed = std::get_if<replica::SnapshotFailed>(&answer))
        log::warn("no snapshot could be taken: " + failed->why);
    else if (const auto* lost = std::get_if<replica::SnapshotLost>(&answer))
        log::warn("a snapshot that comes in has to begin anew: " + lost->why);
    else if (const auto* unreadable = std::get_if<replica::SnapshotUnreadable>(&answer))
        log::error("a follower needs a snapshot that can't be read, so another one is taken: " +
                   unreadable->why);
    else if (const auto* written = std::get_if<replica::SnapshotWritten>(&answer))
        log::info("took a snapshot after entry " + std::to_string(written->info.id.index.value()) +
                  ", " + std::to_string(written->info.bytes) + " bytes");
    else if (const auto* received = std::get_if<replica::SnapshotReceived>(&answer))
        log::info("received a snapshot after entry " +
                  std::to_string(received->info.id.index.value()) + ", " +
                  std::to_string(received->info.bytes) + " bytes");
}

}  // namespace

struct SnapshotThread::Impl {
    Impl(storage::Disk& disk, std::uint64_t cluster_id, std::function<void()> notify_in)
        : work(disk, cluster_id), notify(std::move(notify_in)) {
        thread = std::thread([this] { loop(); });
    }

    ~Impl() {
        {
            std::lock_guard lock(mutex);
            stopping = true;
        }
        arrived.notify_one();
        thread.join();
    }

    void submit(SnapshotTask task) {
        {
            std::lock_guard lock(mutex);
            waiting_bytes += chunk_bytes(task);
            tasks.push_back(std::move(task));
        }
        arrived.notify_one();
    }

    void loop();
    void done(std::size_t bytes, std::vector<SnapshotAnswer> answers);

    replica::SnapshotWork work;  // owned by the thread
    const std::function<void()> notify;

    mutable std::mutex mutex;  // guards all below
    std::condition_variable arrived;
    std::deque<SnapshotTask> tasks;
    std::size_t waiting_bytes = 0;  // of chunks in tasks, and of the one at work
    std::vector<SnapshotAnswer> answered;
    bool notified = false;  // and not collected since
    bool stopping = false;

    std::thread thread;
};

void SnapshotThread::Impl::loop() {
    std::unique_lock lock(mutex);
    for (;;) {
        arrived.wait(lock, [this] { return stopping || !tasks.empty(); });
        if (stopping) return;
        SnapshotTask task = std::move(tasks.front());
        tasks.pop_front();
        lock.unlock();
        const std::size_t bytes = chunk_bytes(task);
        std::vector<SnapshotAnswer> answers;
        if (auto carried = work.carry_out(std::move(task), answers); !carried)
            end_process("a snapshot failed", carried.error());
        for (const SnapshotAnswer& answer : answers) say(answer);
        done(bytes, std::move(answers));
        lock.lock();
    }
}

// The owner also hears that chunks were written: it may be waiting to add more.
void SnapshotThread::Impl::done(std::size_t bytes, std::vector<SnapshotAnswer> answers) {
    bool first = false;
    {
        std::lock_guard lock(mutex);
        waiting_bytes -= bytes;
        std::move(answers.begin(), answers.end(), std::back_inserter(answered));
        if (bytes > 0 || !answered.empty()) first = !std::exchange(notified, true);
    }
    if (first) notify();
}

SnapshotThread::SnapshotThread(storage::Disk& disk, std::uint64_t cluster_id,
                               std::function<void()> notify)
    : impl_(std::make_unique<Impl>(disk, cluster_id, std::move(notify))) {}

SnapshotThread::~SnapshotThread() = default;

void SnapshotThread::belong_to(std::uint64_t cluster) {
    impl_->submit(replica::BelongTo{cluster});
}
void SnapshotThread::begin(const raft::SnapshotId& id, std::string members) {
    impl_->submit(replica::BeginSnapshot{id, std::move(members)});
}
void SnapshotThread::add(std::string chunk) {
    impl_->submit(replica::AddToSnapshot{std::move(chunk)});
}
void SnapshotThread::end() {
    impl_->submit(replica::EndSnapshot{});
}
void SnapshotThread::give_up() {
    impl_->submit(replica::GiveUpSnapshot{});
}
void SnapshotThread::store(const raft::SnapshotPiece& piece) {
    impl_->submit(piece);
}
void SnapshotThread::fetch(const raft::SnapshotFetch& fetch) {
    impl_->submit(fetch);
}
void SnapshotThread::discard(const raft::SnapshotId& id) {
    impl_->submit(replica::DiscardSnapshot{id});
}
void SnapshotThread::dispose(kv::Store store) {
    impl_->submit(std::move(store));
}

std::size_t SnapshotThread::waiting_bytes() const {
    std::lock_guard lock(impl_->mutex);
    return impl_->waiting_bytes;
}

std::vector<SnapshotAnswer> SnapshotThread::collect() {
    std::lock_guard lock(impl_->mutex);
    impl_->notified = false;
    return std::exchange(impl_->answered, {});
}

}  // namespace raftkv::server
