#include "node/replica/read_batches.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/check.hpp"

namespace raftkv::replica {

void ReadBatch::add(ClientToken client, protocol::Op op, std::string_view key) {
    reads.push_back({client, op, static_cast<std::uint32_t>(keys.size()),
                     static_cast<std::uint32_t>(key.size())});
    keys.append(key);
}

protocol::Request ReadBatch::request(const WaitingRead& read) const {
    protocol::Request request;
    request.op = read.op;
    request.key = std::string_view(keys).substr(read.key_start, read.key_bytes);
    return request;
}

std::uint64_t ReadBatches::begin() {
    RAFTKV_CHECK(!gathering_.reads.empty());
    gathering_.id = ++last_id_;
    count(gathering_);
    asked_.push_back(std::exchange(gathering_, std::exchange(spare_, ReadBatch())));
    return last_id_;
}

void ReadBatches::confirmed(const raft::ReadReady& ready) {
    const auto batch = std::find_if(asked_.begin(), asked_.end(),
                                    [&](const ReadBatch& b) { return b.id == ready.read_id; });
    RAFTKV_CHECK(batch != asked_.end());
    batch->index = ready.index;
    confirmed_.push_back(std::move(*batch));
    asked_.erase(batch);
}

void ReadBatches::wait_for(LogIndex index, ReadBatch batch) {
    batch.index = index;
    count(batch);
    confirmed_.push_back(std::move(batch));
}

bool ReadBatches::take_answerable(LogIndex applied, ReadBatch& batch) {
    const auto found = std::find_if(confirmed_.begin(), confirmed_.end(),
                                    [&](const ReadBatch& b) { return b.index <= applied; });
    if (found == confirmed_.end()) return false;
    batch = std::move(*found);
    confirmed_.erase(found);
    uncount(batch);
    return true;
}

void ReadBatches::reuse(ReadBatch answered) {
    constexpr std::size_t most = 64 << 10;  // a crowd does not come every time
    if (answered.keys.capacity() + answered.reads.capacity() * sizeof(WaitingRead) > most) return;
    answered.keys.clear();
    answered.reads.clear();
    spare_ = std::move(answered);
}

std::vector<ReadBatch> ReadBatches::take_all() {
    std::vector<ReadBatch> all;
    std::move(confirmed_.begin(), confirmed_.end(), std::back_inserter(all));
    std::move(asked_.begin(), asked_.end(), std::back_inserter(all));
    if (!gathering_.reads.empty()) all.push_back(std::exchange(gathering_, ReadBatch()));
    confirmed_.clear();
    asked_.clear();
    size_ = bytes_ = 0;
    return all;
}

void ReadBatches::count(const ReadBatch& batch) {
    size_ += batch.reads.size();
    bytes_ += batch.bytes();
}

void ReadBatches::uncount(const ReadBatch& batch) {
    size_ -= batch.reads.size();
    bytes_ -= batch.bytes();
}

}  // namespace raftkv::replica
