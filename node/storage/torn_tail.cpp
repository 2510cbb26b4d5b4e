#include "node/storage/torn_tail.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "node/storage/record.hpp"

namespace raftkv::storage {

namespace {

constexpr std::uint64_t copied_at_once = 1u << 20;
constexpr std::size_t kept_copies = 8;

// Every 8 bytes of `block`, which begins at `offset`; headers may begin in the first `steps` bytes
// and reach on behind them.
void scan_block(std::string_view block, std::uint64_t steps, RecordPlace place, TailScan& scan) {
    for (std::uint64_t at = 0; at < steps; at += record_alignment) {
        std::uint64_t word = 0;
        std::memcpy(&word, block.data() + at, sizeof(word));
        if (word == 0) {
            continue;  // no header begins with zeros: its kind is among these bytes
        }
        const RecordPlace here{place.salt, place.offset + at};
        scan.nonzero_end = here.offset + record_alignment;
        if (auto header = decode_header(block.substr(at), here)) {
            scan.synced = std::max(scan.synced, header->record.synced);
        }
    }
}

Result<void> copy_bytes(File& from_file, std::uint64_t from, std::uint64_t to, File& copy) {
    std::uint64_t done = 0;
    while (from + done < to) {
        auto bytes = from_file.read_at(from + done, std::min(copied_at_once, to - from - done));
        if (!bytes) {
            return bytes.error();
        }
        if (bytes->empty()) {
            return Error{ErrorKind::io, "a file of the log became shorter while it was read"};
        }
        const std::string_view piece = *bytes;
        if (auto written = copy.write_at(done, {&piece, 1}); !written) {
            return written;
        }
        done += piece.size();
    }
    return copy.sync();
}

// Copies of earlier crashes: the newest few are enough.
Result<void> remove_old_copies(Disk& disk) {
    auto names = disk.list();
    if (!names) {
        return names.error();
    }
    std::erase_if(*names, [](const std::string& name) { return !is_torn_name(name); });
    for (std::size_t i = 0; i + kept_copies < names->size(); ++i) {
        if (auto removed = disk.remove((*names)[i]); !removed) {
            return removed;
        }
    }
    return {};
}

Result<std::string> free_name(Disk& disk, const Segment& segment, std::uint64_t from) {
    auto names = disk.list();
    if (!names) {
        return names.error();
    }
    for (unsigned number = 1;; ++number) {
        std::string name = torn_name(segment.name, from, number);
        if (!std::binary_search(names->begin(), names->end(), name)) {
            return name;
        }
    }
}

Result<std::string> keep_copy(Disk& disk, File& file, const Segment& segment, std::uint64_t from,
                              std::uint64_t to) {
    auto name = free_name(disk, segment, from);
    if (!name) {
        return name;
    }
    auto copy = disk.open(*name, OpenMode::create_new);
    if (!copy) {
        return copy.error();
    }
    if (auto copied = copy_bytes(file, from, to, **copy); !copied) {
        copy->reset();
        auto removed = disk.remove(*name);
        return copied.error();
    }
    if (auto synced = disk.sync_folder(); !synced) {
        return synced.error();
    }
    return name;
}

}  // namespace

Result<TailScan> scan_tail(File& file, const Segment& segment, std::uint64_t from) {
    TailScan scan;
    scan.nonzero_end = from;
    for (std::uint64_t offset = from; offset < segment.bytes; offset += copied_at_once) {
        const std::uint64_t steps = std::min(copied_at_once, segment.bytes - offset);
        const std::uint64_t wanted = std::min(steps + record_header_bytes, segment.bytes - offset);
        auto bytes = file.read_at(offset, wanted);
        if (!bytes) {
            return bytes.error();
        }
        if (bytes->size() != wanted) {
            return Error{ErrorKind::io, "a file of the log became shorter while it was read"};
        }
        scan_block(*bytes, steps, {segment.salt, offset}, scan);
    }
    return scan;
}

Result<std::string> cut_torn_tail(Disk& disk, File& file, const Segment& segment,
                                  std::uint64_t from, std::uint64_t to) {
    auto copy = keep_copy(disk, file, segment, from, to);
    if (!copy && copy.error().kind != ErrorKind::no_space) {
        return copy;
    }
    if (auto zeroed = write_zeros(file, from, to); !zeroed) {
        return zeroed.error();
    }
    if (auto synced = file.sync(); !synced) {
        return synced.error();
    }
    if (!copy) {
        return std::string();
    }
    if (auto removed = remove_old_copies(disk); !removed) {
        return removed.error();
    }
    return copy;
}

}  // namespace raftkv::storage
