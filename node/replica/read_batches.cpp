#include "node/replica/read_batches.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/check.hpp"

namespace raftkv::replica {

void ReadBatch::add(ClientToken client, const protocol::Request& request, LogIndex position,
                    bool behind_writes) {
    reads.push_back({client, position, static_cast<std::uint32_t>(keys.size()),
                     static_cast<std::uint8_t>(request.key.size()), request.op, behind_writes});
    keys.append(request.key);
}

protocol::Request ReadBatch::request(const WaitingRead& read) const {
    protocol::Request request;
    request.op = read.op;
    request.key = std::string_view(keys).substr(read.key_start, read.key_bytes);
    return request;
}

WaitingRead* ReadBatch::answerable(LogIndex applied) {
    if (index > applied) return nullptr;
    for (; passed < reads.size(); ++passed) {
        WaitingRead& read = reads[passed];
        if (read.answered) continue;  // before an older one, which waits
        if (!read.goes_with_writes() || read.position <= applied) return &read;
    }
    if (is_over()) return nullptr;
    WaitingRead& oldest = reads[first];
    if (oldest.position > applied || (oldest.late && late_until > applied)) return nullptr;
    return &oldest;
}

void ReadBatch::answered(WaitingRead& read) {
    read.answered = true;
    while (first < reads.size() && reads[first].answered) ++first;
    passed = std::max(passed, first);
}

void ReadBatch::is_late(WaitingRead& read, LogIndex tick) {
    read.late = true;
    late_until = std::max(late_until, tick);
    if (passed < reads.size() && &read == &reads[passed]) ++passed;
}

void ReadBatches::place(LogIndex last, const std::vector<ClientToken>& writers) {
    for (; gathering_.placed < gathering_.reads.size(); ++gathering_.placed) {
        WaitingRead& read = gathering_.reads[gathering_.placed];
        const std::uint64_t before = read.position.value();
        const auto is_own = [&](std::uint64_t writer) {
            return writer < writers.size() && writers[writer].session == read.client.session;
        };
        // What a connection sends arrives in one piece, so its writes are the next ones.
        read.beside_write = is_own(before) || (before > 0 && is_own(before - 1));
        gathering_.needs_round |= !read.beside_write;
        read.position = last + before;
    }
    gathering_.last_write = last + writers.size();
}

std::optional<std::uint64_t> ReadBatches::begin() {
    RAFTKV_CHECK(!gathering_.reads.empty() && gathering_.placed == gathering_.reads.size());
    const bool needs_round = gathering_.needs_round;
    gathering_.id = ++last_id_;
    size_ += gathering_.reads.size();
    bytes_ += gathering_.bytes();
    batches_.push_back(take_gathering());
    if (!needs_round) return std::nullopt;
    return last_id_;
}

ReadBatch ReadBatches::take_gathering() {
    return std::exchange(gathering_, std::exchange(spare_, ReadBatch()));
}

// The next entry may have confirmed and answered them all before.
void ReadBatches::confirmed(const raft::ReadReady& ready) {
    const auto batch = std::lower_bound(batches_.begin(), batches_.end(), ready.read_id,
                                        [](const ReadBatch& b, auto id) { return b.id < id; });
    if (batch == batches_.end() || batch->id != ready.read_id || batch->is_over()) return;
    batch->index = ready.index;
    batch->confirmed = true;
    ++confirmed_;
}

void ReadBatches::confirmed_up_to(LogIndex applied) {
    for (ReadBatch& batch : batches_) {
        if (batch.last_write > applied) return;
        if (batch.needs_round || batch.confirmed || batch.is_over()) continue;
        batch.index = batch.last_write;
        batch.confirmed = true;
        ++confirmed_;
    }
}

ReadBatch* ReadBatches::answerable(LogIndex applied) {
    std::size_t left = confirmed_;
    for (auto batch = batches_.begin(); left > 0; ++batch) {
        if (!batch->confirmed || batch->is_over()) continue;
        if (batch->answerable(applied) != nullptr) return &*batch;
        --left;
    }
    return nullptr;
}

ReadBatch* ReadBatches::due_before(LogIndex entry) {
    if (batches_.empty()) return nullptr;
    ReadBatch& oldest = batches_.front();
    return oldest.reads[oldest.first].position < entry ? &oldest : nullptr;
}

std::optional<ReadBatches::Due> ReadBatches::due_before(LogIndex entry, std::uint64_t session) {
    for (ReadBatch& batch : batches_) {
        for (std::size_t i = batch.first; i < batch.reads.size(); ++i) {
            WaitingRead& read = batch.reads[i];
            if (read.position >= entry) return std::nullopt;
            if (!read.answered && read.client.session == session) return Due{&batch, &read};
        }
    }
    return std::nullopt;
}

void ReadBatches::move_behind(LogIndex entry) {
    for (ReadBatch& batch : batches_) {
        for (std::size_t i = batch.first; i < batch.reads.size(); ++i) {
            if (batch.reads[i].position >= entry) return;
            batch.reads[i].position = entry;
        }
    }
}

bool ReadBatches::answered(ReadBatch& batch, WaitingRead& read) {
    batch.answered(read);
    --size_;
    if (!batch.is_over()) return true;
    confirmed_ -= batch.confirmed;
    drop_answered();
    return false;
}

// The memory of one goes to the next reads.
void ReadBatches::drop_answered() {
    constexpr std::size_t most = 64 << 10;  // a crowd does not come every time
    while (!batches_.empty() && batches_.front().is_over()) {
        ReadBatch& over = batches_.front();
        bytes_ -= over.bytes();
        if (over.keys.capacity() + over.reads.capacity() * sizeof(WaitingRead) <= most) {
            over.keys.clear();
            over.reads.clear();
            spare_ = ReadBatch();
            spare_.keys = std::move(over.keys);
            spare_.reads = std::move(over.reads);
        }
        batches_.pop_front();
    }
}

std::vector<ReadBatch> ReadBatches::take_all() {
    std::vector<ReadBatch> all(std::make_move_iterator(batches_.begin()),
                               std::make_move_iterator(batches_.end()));
    if (!gathering_.reads.empty()) all.push_back(std::exchange(gathering_, ReadBatch()));
    batches_.clear();
    confirmed_ = size_ = bytes_ = 0;
    return all;
}

}  // namespace raftkv::replica
