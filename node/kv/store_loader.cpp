#include "node/kv/store_loader.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/bytes.hpp"
#include "common/checksum.hpp"
#include "node/kv/snapshot.hpp"
#include "node/kv/store_state.hpp"

namespace raftkv::kv {
namespace {

Error corrupt(const std::string& what) {
    return Error{ErrorKind::corrupt, "the snapshot of the keys is damaged: " + what};
}

// Where the last item stood, to see that the next one is behind it.
struct Position {
    std::uint64_t place = 0;
    std::string_view key;

    bool operator<(const Position& other) const {
        return std::tie(place, key) < std::tie(other.place, other.key);
    }
};

// The order of deadlines is built at the end, from what was sorted beside the records: to sort
// the records where they are would wait for the memory at each comparison.
struct Ending {
    ClusterMs deadline;
    std::uint64_t version;  // keys of one deadline go in the order in which they were written
    Record* record;

    bool operator<(const Ending& other) const {
        return std::tie(deadline, version) < std::tie(other.deadline, other.version);
    }
};

}  // namespace

struct StoreLoader::Work {
    std::unique_ptr<StoreState> state = std::make_unique<StoreState>();
    std::optional<snapshot::Header> header;
    std::optional<snapshot::Footer> footer;
    Position last;                 // `key` lies in the last record
    std::size_t shard = 0;         // where the last item belongs
    std::vector<Record*> waiting;  // of that shard, and not in the table yet; owned
    std::vector<Ending> endings;
    std::uint64_t items = 0;

    Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    ~Work();

    Result<void> take_item(ByteReader& reader, std::uint8_t key_bytes);
    void keep(Record* record, std::uint64_t key_hash);
    void fill_shard();
    void order_endings();
};

StoreLoader::Work::~Work() {
    for (Record* record : waiting) free_record(record);
}

Result<void> StoreLoader::Work::take_item(ByteReader& reader, std::uint8_t key_bytes) {
    const std::optional<snapshot::Item> item = snapshot::take_item(reader, key_bytes, *header);
    if (!item) return corrupt("item " + std::to_string(items + 1) + " is none");
    const std::uint64_t key_hash = checksum(item->command.key);
    const Position position{place_of_hash(key_hash), item->command.key};
    if (items > 0 && !(last < position)) {
        return corrupt("item " + std::to_string(items + 1) + " is out of order");
    }
    if (Table::shard_of_place(position.place) != shard) {
        fill_shard();
        shard = Table::shard_of_place(position.place);
    }
    Record* record = make_record(item->command, item->version);
    last = {position.place, record->key()};
    keep(record, key_hash);
    return {};
}

void StoreLoader::Work::keep(Record* record, std::uint64_t key_hash) {
    waiting.push_back(record);
    ++items;
    state->bytes += block_bytes(*record);
    state->hash_sum += hash_of(*record, key_hash);
    if (record->has_end()) {
        endings.push_back({expiry_of(*record).deadline, record->version, record});
    }
}

// All of a shard at once, so that it gets its final size at once.
void StoreLoader::Work::fill_shard() {
    if (waiting.empty()) return;
    state->table.fill(shard, waiting);
    waiting.clear();
}

void StoreLoader::Work::order_endings() {
    std::sort(endings.begin(), endings.end());
    for (const Ending& ending : endings) state->expiries.add(*ending.record);
}

StoreLoader::StoreLoader() : work_(std::make_unique<Work>()) {}
StoreLoader::~StoreLoader() = default;
StoreLoader::StoreLoader(StoreLoader&&) noexcept = default;
StoreLoader& StoreLoader::operator=(StoreLoader&&) noexcept = default;

Result<void> StoreLoader::add(std::string_view chunk) {
    ByteReader reader(chunk);
    if (!work_->header) {
        work_->header = snapshot::take_header(reader);
        if (!work_->header) return corrupt("it begins with no header of a format known here");
    }
    while (!reader.rest().empty()) {
        if (work_->footer) return corrupt("it goes on after its end");
        const auto key_bytes = reader.take<std::uint8_t>();
        if (key_bytes != 0) {
            if (auto taken = work_->take_item(reader, key_bytes); !taken) return taken;
            continue;
        }
        work_->footer = snapshot::take_footer(reader);
        if (!work_->footer) return corrupt("its end is cut off");
    }
    return {};
}

Result<Store> StoreLoader::finish() {
    if (!work_->footer) return corrupt("its end is missing");
    if (work_->footer->items != work_->items) {
        return corrupt("it has " + std::to_string(work_->items) + " items and says it has " +
                       std::to_string(work_->footer->items));
    }
    StoreState& state = *work_->state;
    if (work_->footer->state_hash != hash_of_state(state.hash_sum, work_->header->clock)) {
        return corrupt("its items give another hash than it says");
    }
    work_->fill_shard();
    work_->order_endings();
    state.last_applied = work_->header->applied;
    state.clock = work_->header->clock;
    return Store(std::move(work_->state));
}

}  // namespace raftkv::kv
