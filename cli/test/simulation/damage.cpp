#include "cli/test/simulation/damage.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "common/check.hpp"
#include "node/storage/durable_end.hpp"
#include "node/storage/record.hpp"
#include "node/storage/segment.hpp"

namespace raftkv::simulation {

namespace {

struct RecordRange {
    std::string file;
    std::size_t begin = 0;
    std::size_t size = 0;  // without padding, which nothing protects and nothing reads
};

// Of one segment; `last` is the one that is written to.
std::vector<RecordRange> synced_records(const std::string& name, std::string_view bytes,
                                        bool last) {
    std::vector<RecordRange> records;
    const auto segment = storage::decode_segment_header(bytes);
    if (!segment) return records;
    std::uint64_t synced = 0;
    std::size_t offset = storage::header_block_bytes;
    while (offset + storage::record_header_bytes <= bytes.size()) {
        const auto header = storage::decode_header(bytes.substr(offset), {segment->salt, offset});
        if (!header) break;
        synced = std::max(synced, header->record.synced);
        records.push_back({name, offset, storage::record_header_bytes + header->length});
        offset += storage::record_bytes(header->length);
    }
    if (last) {
        std::erase_if(records, [&](const RecordRange& record) {
            return record.begin + record.size > synced;
        });
    }
    return records;
}

// Any but the last; often one that a segment ends with, where nothing behind it in the same file
// gives the damage away.
std::size_t choose(const std::vector<RecordRange>& records, Dice& dice) {
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i + 1 < records.size(); ++i) {
        if (records[i].file != records[i + 1].file) ends.push_back(i);
    }
    const bool at_an_end = dice.half();
    const std::uint64_t luck = dice.next();
    return at_an_end && !ends.empty() ? ends[luck % ends.size()] : luck % (records.size() - 1);
}

// What stands in the place of the record afterwards.
std::string harmed(std::string record, std::string_view other, FaultKind how, Dice& dice) {
    switch (how) {
        case FaultKind::flip_bit:
            record[dice.below(record.size())] ^= static_cast<char>(1U << dice.below(8));
            return record;
        case FaultKind::lose_write:
            return std::string(record.size(), '\0');
        case FaultKind::misdirect:
            other = other.substr(0, record.size());
            return record.replace(0, other.size(), other);
        default:
            check_failed("a fault that damages", __FILE__, __LINE__);
    }
}

}  // namespace

bool damage_synced_record(storage::MemoryDisk& disk, FaultKind how, Dice& dice) {
    const auto files = disk.all_contents();
    std::vector<std::string> segments;
    for (const auto& [name, bytes] : files) {
        if (storage::parse_segment_name(name)) segments.push_back(name);
    }
    std::vector<RecordRange> records;
    for (const std::string& name : segments) {
        const auto found = synced_records(name, files.at(name), name == segments.back());
        records.insert(records.end(), found.begin(), found.end());
    }
    if (records.size() < 2) return false;
    const std::size_t which = choose(records, dice);
    const RecordRange& record = records[which];
    const RecordRange& other = records[which + 1];
    const std::string before = files.at(record.file).substr(record.begin, record.size);
    const std::string after = harmed(
        before, std::string_view(files.at(other.file)).substr(other.begin, other.size), how, dice);
    if (after == before) return false;
    disk.damage(record.file, record.begin, after);
    return true;
}

bool lose_tail(storage::MemoryDisk& disk, FaultKind how, Dice& dice) {
    const auto files = disk.all_contents();
    std::vector<std::string> segments;
    for (const auto& [name, bytes] : files) {
        if (storage::parse_segment_name(name)) segments.push_back(name);
    }
    if (segments.empty()) return false;
    const std::string& last = segments.back();
    auto records = synced_records(last, files.at(last), true);
    if (how == FaultKind::lose_tail) {
        if (segments.size() < 2 || records.empty()) return false;
        disk.forget(last);
        return true;
    }
    const auto noted = storage::find_durable_end(disk);
    if (!noted || !*noted || (*noted)->sequence != storage::parse_segment_name(last)->sequence)
        return false;
    std::erase_if(records,
                  [&](const RecordRange& record) { return record.begin >= (*noted)->offset; });
    if (records.empty()) return false;
    const std::size_t from = records[dice.below(records.size())].begin;
    disk.damage(last, from, std::string(files.at(last).size() - from, '\0'));
    return true;
}

}  // namespace raftkv::simulation
