#include "node/kv/record.hpp"

#include <algorithm>
#include <new>

#include "common/check.hpp"
#include "common/checksum.hpp"

namespace raftkv::kv {

Expiry& expiry_of(Record& record) {
    RAFTKV_CHECK(record.has_end());
    return *(reinterpret_cast<Expiry*>(&record) - 1);
}

const Expiry& expiry_of(const Record& record) {
    RAFTKV_CHECK(record.has_end());
    return *(reinterpret_cast<const Expiry*>(&record) - 1);
}

Record* make_record(const Command& command, std::uint64_t version) {
    Record fixed{version, command.exptime_s, static_cast<std::uint32_t>(command.value.size()),
                 static_cast<std::uint8_t>(command.key.size())};
    auto* place = static_cast<char*>(::operator new(block_bytes(fixed)));
    if (fixed.has_end()) {
        new (place) Expiry(deadline_of(command));
        place += sizeof(Expiry);
    }
    auto* record = new (place) Record(fixed);
    place += sizeof(Record);
    place = std::copy(command.key.begin(), command.key.end(), place);
    std::copy(command.value.begin(), command.value.end(), place);
    return record;
}

Record* copy_of(const Record& record) {
    Command set{CommandOp::set, ClusterMs(0), record.exptime_s, 0, record.key(), record.value()};
    if (record.has_end()) set.stamp = expiry_of(record).deadline - life_ms(record.exptime_s);
    return make_record(set, record.version);
}

void free_record(Record* record) {
    if (!record->has_end()) {
        ::operator delete(record);
        return;
    }
    Expiry& expiry = expiry_of(*record);
    expiry.~Expiry();  // checks that it is linked nowhere
    ::operator delete(&expiry);
}

bool is_live(const Record& record, ClusterMs clock) {
    return !record.has_end() || expiry_of(record).deadline > clock;
}

std::size_t block_bytes(const Record& record) {
    return (record.has_end() ? sizeof(Expiry) : 0) + sizeof(Record) + record.key_size +
           record.value_size;
}

std::uint64_t hash_of(const Record& record) {
    return hash_of(record, checksum(record.key()));
}

std::uint64_t hash_of(const Record& record, std::uint64_t key_hash) {
    struct {
        std::uint64_t key, value, version, exptime_s;
        std::int64_t deadline;
    } all{key_hash, checksum(record.value()), record.version, record.exptime_s,
          record.has_end() ? expiry_of(record).deadline.value() : -1};
    return checksum({reinterpret_cast<const char*>(&all), sizeof all});
}

std::uint64_t hash_of_state(std::uint64_t sum, ClusterMs clock) {
    struct {
        std::uint64_t items;
        std::int64_t clock;
    } all{sum, clock.value()};
    return checksum({reinterpret_cast<const char*>(&all), sizeof all});
}

}  // namespace raftkv::kv
