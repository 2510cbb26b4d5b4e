#include "cli/test/simulation/damage.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "common/check.hpp"
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

void harm(std::string& bytes, const RecordRange& record, const RecordRange& other,
          const std::string& other_bytes, FaultKind how, Dice& dice) {
    const std::size_t size = std::min(record.size, other.size);
    switch (how) {
        case FaultKind::flip_bit:
            bytes[record.begin + dice.below(record.size)] ^= static_cast<char>(1U << dice.below(8));
            break;
        case FaultKind::lose_write:
            bytes.replace(record.begin, record.size, record.size, '\0');
            break;
        case FaultKind::misdirect:
            bytes.replace(record.begin, size, other_bytes, other.begin, size);
            break;
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
    std::string bytes = files.at(record.file);
    harm(bytes, record, other, files.at(other.file), how, dice);
    if (bytes == files.at(record.file)) return false;
    disk.set_contents(record.file, bytes);
    return true;
}

}  // namespace raftkv::simulation
