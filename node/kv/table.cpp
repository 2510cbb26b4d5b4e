#include "node/kv/table.hpp"

#include "common/check.hpp"
#include "common/checksum.hpp"

namespace raftkv::kv {

Table::HashedKey::HashedKey(std::string_view key) : text(key), hash(checksum(key)) {}

Record* Table::find(std::string_view key) const {
    const HashedKey hashed(key);
    const Shard& shard = shards_[shard_of(hashed)];
    const auto found = shard.find(hashed);
    return found == shard.end() ? nullptr : *found;
}

Record* Table::put(Record* record) {
    const HashedKey key(record->key());
    Shard& shard = shards_[shard_of(key)];
    const auto found = shard.find(key);
    Record* before = nullptr;
    if (found != shard.end()) {
        before = *found;
        shard.erase(found);
        --size_;
    }
    shard.insert(record);
    ++size_;
    return before;
}

void Table::remove(const Record* record) {
    const HashedKey key(record->key());
    Shard& shard = shards_[shard_of(key)];
    const auto found = shard.find(key);
    RAFTKV_CHECK(found != shard.end() && *found == record);
    shard.erase(found);
    --size_;
}

void Table::fill(std::size_t shard, const std::vector<Record*>& records) {
    RAFTKV_CHECK(shards_[shard].empty());
    shards_[shard].reserve(records.size());
    for (Record* record : records) shards_[shard].insert(record);
    RAFTKV_CHECK(shards_[shard].size() == records.size());
    size_ += records.size();
}

}  // namespace raftkv::kv
