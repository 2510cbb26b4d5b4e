#include "cli/test/simulation/snapshot_device.hpp"

#include <utility>
#include <variant>

namespace raftkv::simulation {

namespace {

std::size_t chunk_bytes(const replica::SnapshotTask& task) {
    const auto* added = std::get_if<replica::AddToSnapshot>(&task);
    return added ? added->chunk.size() : 0;
}

}  // namespace

SnapshotDevice::SnapshotDevice(const Plan& plan, std::uint32_t node, std::uint64_t life,
                               storage::MemoryDisk& disk, std::uint64_t cluster_id,
                               Schedule schedule)
    : pace_(plan.pace),
      dice_(plan.seed, Stream::snapshots, node * 1000 + life),
      schedule_(std::move(schedule)),
      work_(disk, cluster_id) {}

void SnapshotDevice::submit(replica::SnapshotTask task) {
    waiting_bytes_ += chunk_bytes(task);
    tasks_.push_back(std::move(task));
    if (tasks_.size() == 1) schedule_next();
}

void SnapshotDevice::schedule_next() {
    schedule_(10 + pace_.sync / 2 + dice_.between(0, pace_.sync_jitter) + extra_);
}

void SnapshotDevice::stall(bool stalled) {
    stalled_ = stalled;
    if (!stalled && std::exchange(due_, false)) schedule_(1);
}

Result<std::vector<replica::SnapshotAnswer>> SnapshotDevice::step() {
    std::vector<replica::SnapshotAnswer> answers;
    due_ = stalled_;
    if (stalled_ || tasks_.empty()) return answers;
    waiting_bytes_ -= chunk_bytes(tasks_.front());
    const Result<void> done = work_.carry_out(std::move(tasks_.front()), answers);
    if (!done) return done.error();
    tasks_.pop_front();
    if (!tasks_.empty()) schedule_next();
    return answers;
}

}  // namespace raftkv::simulation
