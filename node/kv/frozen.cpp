#include "node/kv/frozen.hpp"

#include <algorithm>
#include <utility>

#include "common/check.hpp"

namespace raftkv::kv {
namespace {

// For one chunk. So many small items fill some chunks; it is more only when hardly any was there at
// the moment: a million keys that ran out in the same second, and were not removed yet.
constexpr std::size_t looks_for_a_chunk = 4096;

void prefetch(const Record* record) {
    constexpr std::size_t cache_line = 64;
    __builtin_prefetch(record);
    __builtin_prefetch(reinterpret_cast<const char*>(record) + cache_line);
}

}  // namespace

FrozenState::FrozenState(const Table& table, const snapshot::Header& header, std::uint64_t sum,
                         std::size_t chunk_bytes)
    : table_(table),
      header_(header),
      chunk_bytes_(chunk_bytes),
      sum_(sum),
      kept_(Table::shard_count) {
    snapshot::put_header(header_, chunk_);
}

FrozenState::~FrozenState() {
    for (const std::vector<Record*>& kept : kept_) {
        for (Record* record : kept) free_record(record);
    }
}

bool FrozenState::was_there(const Record& record) const {
    return record.version <= header_.applied.value();
}

bool FrozenState::misses(const Record& record) {
    if (!was_there(record)) return false;
    const std::size_t shard = Table::shard_of_place(place_of(record.key()));
    if (is_live(record, header_.clock)) return shard >= closed_;
    if (shard >= opened_) pass_over(record);
    return false;
}

void FrozenState::keep(const Record* left, Record* record) {
    const std::size_t shard = Table::shard_of_place(place_of(record->key()));
    kept_[shard].push_back(record);
    kept_bytes_ += block_bytes(*record);
    if (left == record || shard >= opened_) return;
    // The shard that is open has its items in order already.
    const auto item = std::find_if(items_.begin(), items_.end(),
                                   [left](const Placed& placed) { return placed.record == left; });
    RAFTKV_CHECK(item != items_.end());
    item->record = record;
}

bool FrozenState::read(std::string& chunk) {
    if (is_over_) return false;
    std::size_t looks = 0;
    while (chunk_.size() < chunk_bytes_ && !is_over_) {
        if (next_ < items_.size()) {
            append_item(items_[next_++]);
        } else if (opened_ > closed_) {
            close_shard();
        } else if (closed_ == Table::shard_count) {
            append_footer();
        } else if (looks < looks_for_a_chunk) {
            const std::size_t records = table_.shard_size(opened_) + kept_[opened_].size();
            looks += 1 + records;
            if (records > 0) {
                open_shard();
            } else {
                closed_ = ++opened_;
            }
        } else {
            return true;
        }
    }
    chunk += chunk_;
    chunk_.clear();
    return true;
}

// All of a shard is looked at in one go, because its order can't be known before.
void FrozenState::open_shard() {
    const std::size_t shard = opened_++;
    items_.clear();
    next_ = 0;
    // They lie anywhere in memory: to ask for all at once takes a fraction of waiting for each.
    table_.for_each_in(shard, [](const Record* record) { prefetch(record); });
    table_.for_each_in(shard, [this](Record* record) {
        if (!was_there(*record)) return;
        if (is_live(*record, header_.clock)) {
            items_.push_back({place_of(record->key()), record});
        } else {
            pass_over(*record);
        }
    });
    for (Record* record : kept_[shard]) items_.push_back({place_of(record->key()), record});
    std::sort(items_.begin(), items_.end(), [](const Placed& a, const Placed& b) {
        return a.place != b.place ? a.place < b.place : a.record->key() < b.record->key();
    });
}

void FrozenState::close_shard() {
    for (Record* record : std::exchange(kept_[closed_], {})) {
        kept_bytes_ -= block_bytes(*record);
        free_record(record);
    }
    ++closed_;
}

void FrozenState::pass_over(const Record& record) {
    passed_sum_ += hash_of(record);
}

void FrozenState::append_item(const Placed& item) {
    snapshot::put_item(*item.record, chunk_);
    read_sum_ += hash_of(*item.record);
    ++footer_.items;
}

void FrozenState::append_footer() {
    // Not one record was lost or read twice on the way.
    RAFTKV_CHECK(read_sum_ + passed_sum_ == sum_);
    RAFTKV_CHECK(kept_bytes_ == 0);
    footer_.state_hash = hash_of_state(read_sum_, header_.clock);
    snapshot::put_footer(footer_, chunk_);
    is_over_ = true;
}

void FrozenState::give_up(Litter& litter) {
    litter.add(std::exchange(kept_, {}), std::exchange(kept_bytes_, 0));
    is_over_ = true;
}

}  // namespace raftkv::kv
