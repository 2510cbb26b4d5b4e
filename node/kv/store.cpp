#include "node/kv/store.hpp"

#include <algorithm>
#include <utility>

#include "common/check.hpp"
#include "node/kv/command.hpp"
#include "node/kv/snapshot.hpp"
#include "node/kv/store_state.hpp"

namespace raftkv::kv {
namespace {

// How many keys past their end an apply removes: one comes with each command at most, so that two
// keep up with any mix of commands, and are not felt.
constexpr std::size_t removals_with_an_apply = 2;
// How much an apply frees of what a snapshot that was given up had kept.
constexpr std::size_t litter_for_an_apply = 64;

Item item_of(const Record& record) {
    Item item{record.key(), record.value(), record.version, record.exptime_s, std::nullopt};
    if (record.has_end()) item.deadline = expiry_of(record).deadline;
    return item;
}

}  // namespace

Store::Store() : state_(std::make_unique<StoreState>()) {}
Store::Store(std::unique_ptr<StoreState> state) : state_(std::move(state)) {}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

Outcome Store::apply(LogIndex index, std::string_view bytes) {
    const std::optional<Command> command = decode(bytes);
    RAFTKV_CHECK(command.has_value());
    RAFTKV_CHECK(index > state_->last_applied);
    state_->last_applied = index;
    state_->clock = std::max(state_->clock, command->stamp);
    const Outcome outcome = state_->dispatch(*command, index.value());
    state_->remove_due(removals_with_an_apply);
    state_->litter.free_some(litter_for_an_apply);
    return outcome;
}

std::optional<Item> Store::find(std::string_view key, ClusterMs not_before) const {
    const Record* record = state_->find_live(key);
    if (record == nullptr || !is_live(*record, not_before)) return std::nullopt;
    return item_of(*record);
}

LogIndex Store::last_applied() const {
    return state_->last_applied;
}

ClusterMs Store::clock() const {
    return state_->clock;
}

std::optional<ClusterMs> Store::earliest_deadline() const {
    return state_->expiries.earliest();
}

bool Store::has_past_end() const {
    return state_->expiries.due(state_->clock) != nullptr;
}

std::size_t Store::remove_past_end(std::size_t limit) {
    return state_->remove_due(limit);
}

std::size_t Store::size() const {
    return state_->table.size();
}

std::size_t Store::bytes() const {
    return state_->bytes;
}

std::optional<std::uint64_t> Store::state_hash_at_hand() const {
    if (has_past_end()) return std::nullopt;
    return hash_of_state(state_->hash_sum, state_->clock);
}

std::uint64_t Store::state_hash() const {
    std::uint64_t live = state_->hash_sum;
    state_->expiries.for_each_due(state_->clock,
                                  [&](const Record& record) { live -= hash_of(record); });
    return hash_of_state(live, state_->clock);
}

void Store::for_each(const std::function<void(const Item&)>& visit) const {
    state_->table.for_each([&](const Record* record) {
        if (is_live(*record, state_->clock)) visit(item_of(*record));
    });
}

void Store::begin_snapshot(std::size_t chunk_bytes) {
    RAFTKV_CHECK(!has_snapshot());
    state_->snapshot = state_->start_reading(chunk_bytes);
}

bool Store::read_snapshot(std::string& chunk) {
    RAFTKV_CHECK(has_snapshot());
    if (state_->snapshot->read(chunk)) return true;
    end_snapshot();
    return false;
}

std::size_t Store::snapshot_bytes() const {
    const std::size_t with_end = state_->expiries.size();
    return state_->bytes - size() * sizeof(Record) - with_end * sizeof(Expiry) +
           size() * snapshot::item_bytes + with_end * snapshot::end_bytes;
}

void Store::end_snapshot() {
    if (!has_snapshot()) return;
    state_->stop_reading(*state_->snapshot);
    state_->snapshot.reset();
}

bool Store::has_snapshot() const {
    return state_->snapshot != nullptr;
}

std::size_t Store::snapshot_kept_bytes() const {
    std::size_t bytes = state_->litter.bytes();
    for (const FrozenState* reader : state_->readers) bytes += reader->kept_bytes();
    return bytes;
}

StoreReader Store::read_out() const {
    return StoreReader(state_);
}

}  // namespace raftkv::kv
