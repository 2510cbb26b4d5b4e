#include "cli/test/simulation/log_device.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace raftkv::simulation {

namespace {

// As in a node.
constexpr Micros idle_after = 10'000;
constexpr Micros room_retry = 1'000'000;

// Whether an operation succeeded that may fail for lack of space alone; every other error is fatal.
bool succeeded(const Result<void>& result, LogNews& news) {
    if (result.ok()) return true;
    if (result.error().kind != ErrorKind::no_space) news.fatal = result.error();
    return false;
}

}  // namespace

LogDevice::LogDevice(const Plan& plan, std::uint32_t node, std::uint64_t life, Counters& counters,
                     Schedule schedule)
    : options_{plan.limits.segment_bytes, plan.limits.large_batch_bytes},
      pace_(plan.pace),
      dice_(plan.seed, Stream::sync, node * 1000 + life),
      counters_(counters),
      schedule_(std::move(schedule)) {}

Result<void> LogDevice::open(storage::MemoryDisk& disk, const storage::Identity& identity,
                             storage::StateSink& sink, storage::Recovered& recovered) {
    auto wal = storage::Wal::open(disk, identity, options_, sink, recovered);
    if (!wal) return wal.error();
    wal_ = std::move(*wal);
    return {};
}

void LogDevice::submit(raft::LogWrite write) {
    submitted_.push_back(std::move(write));
    begin();
}

void LogDevice::fetch(const raft::EntryFetch& fetch) {
    requested_.push_back(fetch);
    begin();
}

void LogDevice::stall(bool stalled) {
    stalled_ = stalled;
    if (!stalled && std::exchange(due_, false)) schedule_(LogTask::sync, 1);
}

void LogDevice::begin() {
    if (syncing_ || (submitted_.empty() && requested_.empty())) return;
    if (blocked_ && requested_.empty()) return;  // room_retry goes on
    syncing_ = true;
    std::move(submitted_.begin(), submitted_.end(), std::back_inserter(batch_));
    submitted_.clear();
    fetches_.swap(requested_);
    const Micros sync = batch_.empty() ? 0 : pace_.sync + dice_.between(0, pace_.sync_jitter);
    schedule_(LogTask::sync, 10 + sync + extra_);
}

LogNews LogDevice::run(LogTask task) {
    LogNews news;
    switch (task) {
        case LogTask::sync:
            due_ = stalled_;
            if (stalled_) break;
            syncing_ = false;
            write_batch(news);
            serve_fetches(news);
            begin();
            break;
        case LogTask::room_retry:
            if (blocked_ && !syncing_) write_batch(news);
            begin();
            break;
        case LogTask::segment:
            prepare(news);
            break;
        case LogTask::idle_mark:
            if (idle_marked_ || syncing_ || blocked_ || --idle_count_ > 0) break;
            idle_marked_ = true;
            if (succeeded(wal_->mark_idle(), news)) succeeded(wal_->note_durable(), news);
            break;
    }
    return news;
}

void LogDevice::write_batch(LogNews& news) {
    std::size_t appended = 0;
    while (appended < batch_.size() && succeeded(wal_->append(batch_[appended]), news)) ++appended;
    if (news.fatal) return;
    if (appended > 0) {
        if (!succeeded(wal_->sync(), news)) return;
        ++counters_.syncs;
        if (dice_.below(16) == 0 && !succeeded(wal_->note_durable(), news) && news.fatal) return;
        news.persisted = batch_[appended - 1].sequence;
        batch_.erase(batch_.begin(), batch_.begin() + static_cast<std::ptrdiff_t>(appended));
        idle_marked_ = false;
        ++idle_count_;
        schedule_(LogTask::idle_mark, idle_after);
    }
    blocked_ = !batch_.empty();
    if (blocked_) schedule_(LogTask::room_retry, room_retry);
    tell_room(news);
    const bool prepare = wal_->wants_segment() || wal_->wants_clean_up();
    if (prepare && !std::exchange(preparing_, true)) {
        schedule_(LogTask::segment, 2 * pace_.sync + dice_.between(0, 2 * pace_.sync_jitter));
    }
}

void LogDevice::serve_fetches(LogNews& news) {
    for (const raft::EntryFetch& fetch : std::exchange(fetches_, {})) {
        if (news.fatal) return;
        auto entries = wal_->read(fetch.from, fetch.to, fetch.max_bytes);
        if (!entries) {
            news.fatal = entries.error();
            return;
        }
        counters_.saw(Seen::fetched_from_disk);
        news.fetched.push_back({fetch.follower, std::move(*entries)});
    }
}

void LogDevice::prepare(LogNews& news) {
    if (wal_->wants_clean_up() && !succeeded(wal_->clean_up(), news)) return;
    const bool prepared = !wal_->wants_segment() || succeeded(wal_->prepare_segment(), news);
    if (news.fatal) return;
    preparing_ = preparation_failed_ = !prepared;
    tell_room(news);
    if (!prepared) schedule_(LogTask::segment, room_retry);
}

void LogDevice::tell_room(LogNews& news) {
    const bool room = !blocked_ && !preparation_failed_;
    if (room == room_told_) return;
    room_told_ = room;
    news.has_room = room;
    counters_.saw(room ? Seen::room_again : Seen::no_room);
}

}  // namespace raftkv::simulation
