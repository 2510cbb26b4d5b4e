#include "node/kv/store.hpp"

#include <algorithm>

#include "common/check.hpp"
#include "common/checksum.hpp"
#include "node/kv/command.hpp"
#include "node/kv/expiry.hpp"
#include "node/kv/record.hpp"
#include "node/kv/table.hpp"

namespace raftkv::kv {
namespace {

// How many keys past their end an apply removes: enough to keep up with any mix of commands, and
// few enough not to be felt. A tick has nothing else to do.
constexpr std::size_t removals_beside_a_command = 16;
constexpr std::size_t removals_in_a_tick = 1024;

Item item_of(const Record& record) {
    Item item{record.key(), record.value(), record.version, record.exptime_s, std::nullopt};
    if (record.has_end()) item.deadline = expiry_of(record).deadline;
    return item;
}

}  // namespace

struct Store::State {
    Table table;           // owns its records
    ExpiryOrder expiries;  // exactly the records in `table` that have an end
    LogIndex last_applied;
    ClusterMs clock;
    std::size_t bytes = 0;       // sum of block_bytes of all in `table`
    std::uint64_t hash_sum = 0;  // sum of hash_of of all in `table`, modulo 2^64

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State();

    Record* find_live(std::string_view key) const;
    Outcome set(const Command& command, std::uint64_t version);
    Outcome cas(const Command& command, std::uint64_t version);
    Outcome del(const Command& command);
    Outcome dispatch(const Command& command, std::uint64_t version);

    void put(Record* record);
    void remove(Record* record);
    void let_go(Record* record);
    void remove_due(std::size_t limit);
};

Store::State::~State() {
    expiries.clear();
    table.for_each(free_record);
}

// A key past its end is not there, whether it was removed yet or not: when that happens depends on
// how many others ran out with it, and must not show.
Record* Store::State::find_live(std::string_view key) const {
    Record* record = table.find(key);
    return record != nullptr && is_live(*record, clock) ? record : nullptr;
}

Outcome Store::State::set(const Command& command, std::uint64_t version) {
    if (find_live(command.key) != nullptr) return {Status::exists, 0};
    put(make_record(command, version));
    return {Status::stored, version};
}

Outcome Store::State::cas(const Command& command, std::uint64_t version) {
    const Record* found = find_live(command.key);
    if (found == nullptr) return {Status::not_found, 0};
    if (found->version != command.version) return {Status::version_mismatch, 0};
    put(make_record(command, version));
    return {Status::stored, version};
}

Outcome Store::State::del(const Command& command) {
    Record* found = find_live(command.key);
    if (found == nullptr) return {Status::not_found, 0};
    remove(found);
    return {Status::deleted, 0};
}

Outcome Store::State::dispatch(const Command& command, std::uint64_t version) {
    switch (command.op) {
        case CommandOp::set:
            return set(command, version);
        case CommandOp::cas:
            return cas(command, version);
        case CommandOp::del:
            return del(command);
        case CommandOp::tick:
            return {Status::ticked, 0};
    }
    check_failed("known CommandOp", __FILE__, __LINE__);
}

void Store::State::put(Record* record) {
    Record* before = table.put(record);
    expiries.add(*record);
    bytes += block_bytes(*record);
    hash_sum += hash_of(*record);
    if (before != nullptr) let_go(before);
}

void Store::State::remove(Record* record) {
    table.remove(record);
    let_go(record);
}

// The rest of a removal, when `table` no longer has the record.
void Store::State::let_go(Record* record) {
    expiries.remove(*record);
    bytes -= block_bytes(*record);
    hash_sum -= hash_of(*record);
    free_record(record);
}

void Store::State::remove_due(std::size_t limit) {
    for (; limit > 0; --limit) {
        Record* record = expiries.due(clock);
        if (record == nullptr) return;
        remove(record);
    }
}

Store::Store() : state_(std::make_unique<State>()) {}
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
    state_->remove_due(command->op == CommandOp::tick ? removals_in_a_tick
                                                      : removals_beside_a_command);
    return outcome;
}

std::optional<Item> Store::find(std::string_view key) const {
    const Record* record = state_->find_live(key);
    if (record == nullptr) return std::nullopt;
    return item_of(*record);
}

ClusterMs Store::clock() const {
    return state_->clock;
}

std::optional<ClusterMs> Store::earliest_deadline() const {
    return state_->expiries.earliest();
}

std::size_t Store::size() const {
    return state_->table.size();
}

std::size_t Store::bytes() const {
    return state_->bytes;
}

std::uint64_t Store::state_hash() const {
    struct {
        std::uint64_t items;
        std::int64_t clock;
    } all{state_->hash_sum, state_->clock.value()};
    state_->expiries.for_each_due(state_->clock,
                                  [&](const Record& record) { all.items -= hash_of(record); });
    return checksum({reinterpret_cast<const char*>(&all), sizeof all});
}

void Store::for_each(const std::function<void(const Item&)>& visit) const {
    state_->table.for_each([&](const Record* record) {
        if (is_live(*record, state_->clock)) visit(item_of(*record));
    });
}

}  // namespace raftkv::kv
