#include "node/storage/durable_end.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "common/bytes.hpp"
#include "common/checksum.hpp"

namespace raftkv::storage {

namespace {

constexpr std::uint64_t durable_end_magic = 0x6e65'6c62'6172'7564;  // "durablen"

std::string encode_place(const DurableEnd& end, std::uint64_t count) {
    DurableEndLayout layout{durable_end_magic,      count, end.sequence, end.salt, end.offset,
                            end.last_index.value(), 0};
    layout.checksum = checksum(bytes_of(layout).substr(0, offsetof(DurableEndLayout, checksum)));
    std::string bytes(bytes_of(layout));
    bytes.resize(durable_end_place_bytes);
    return bytes;
}

struct Place {
    DurableEnd end;
    std::uint64_t count = 0;
};

std::optional<Place> decode_place(std::string_view bytes) {
    DurableEndLayout layout;
    if (bytes.size() < sizeof layout) {
        return std::nullopt;
    }
    std::memcpy(&layout, bytes.data(), sizeof layout);
    const std::uint64_t sum =
        checksum(bytes_of(layout).substr(0, offsetof(DurableEndLayout, checksum)));
    if (layout.magic != durable_end_magic || layout.checksum != sum) {
        return std::nullopt;
    }
    return Place{{layout.sequence, layout.salt, layout.offset, LogIndex(layout.last_index)},
                 layout.count};
}

// The newer one of the two places.
Result<Place> read_places(Disk& disk, File& file) {
    auto bytes = file.read_at(0, 2 * durable_end_place_bytes);
    if (!bytes) {
        return bytes.error();
    }
    const std::string_view all = *bytes;
    const auto first = decode_place(all.substr(0, durable_end_place_bytes));
    const auto second =
        decode_place(all.substr(std::min<std::size_t>(all.size(), durable_end_place_bytes)));
    if (!first && !second) {
        return Error{ErrorKind::corrupt,
                     fmt::format("{} is damaged: it does not say how far the log was durable, so "
                                 "nobody knows whether the end of the log is there. Nothing was "
                                 "changed. \"raftkv cluster remove\" and then \"raftkv cluster "
                                 "add\" bring the node back with an empty folder, from the others.",
                                 disk.path_of(durable_end_name))};
    }
    return !second || (first && first->count > second->count) ? *first : *second;
}

Result<bool> has_file(Disk& disk) {
    auto names = disk.list();
    if (!names) {
        return names.error();
    }
    return std::find(names->begin(), names->end(), durable_end_name) != names->end();
}

}  // namespace

Result<std::optional<DurableEnd>> find_durable_end(Disk& disk) {
    auto there = has_file(disk);
    if (!there) {
        return there.error();
    }
    if (!*there) {
        return std::optional<DurableEnd>();
    }
    auto file = disk.open(durable_end_name, OpenMode::read_only);
    if (!file) {
        return file.error();
    }
    auto place = read_places(disk, **file);
    if (!place) {
        return place.error();
    }
    return std::optional(place->end);
}

void DurableEndFile::reached(const DurableEnd& end) {
    std::lock_guard lock(reached_mutex_);
    reached_ = end;
}

bool DurableEndFile::is_behind() const {
    std::lock_guard lock(reached_mutex_);
    return written_ != reached_;
}

Result<void> DurableEndFile::write() {
    std::lock_guard lock(file_mutex_);
    DurableEnd end;
    {
        std::lock_guard reached_lock(reached_mutex_);
        if (written_ == reached_) {
            return {};
        }
        end = reached_;
    }
    if (!file_) {
        if (auto opened = open(); !opened) {
            return opened;
        }
    }
    if (auto done = file_ ? put(end) : create(end); !done) {
        return done;
    }
    std::lock_guard reached_lock(reached_mutex_);
    written_ = end;
    return {};
}

Result<void> DurableEndFile::open() {
    auto there = has_file(disk_);
    if (!there) {
        return there.error();
    }
    if (!*there) {
        return {};
    }
    auto file = disk_.open(durable_end_name, OpenMode::read_write);
    if (!file) {
        return file.error();
    }
    auto place = read_places(disk_, **file);
    if (!place) {
        return place.error();
    }
    count_ = place->count;
    file_ = std::move(*file);
    return {};
}

// Under its name only once it says something, durably.
Result<void> DurableEndFile::create(const DurableEnd& end) {
    auto file = disk_.open(durable_end_temporary_name, OpenMode::create_new);
    if (!file) {
        return file.error();
    }
    const std::string bytes = encode_place(end, 0) + encode_place(end, 1);
    const std::string_view piece = bytes;
    Result<void> filled = (*file)->write_at(0, {&piece, 1});
    if (filled) {
        filled = (*file)->sync();
    }
    if (!filled) {
        if (filled.error().kind == ErrorKind::no_space) {
            if (auto removed = disk_.remove(durable_end_temporary_name); !removed) {
                return removed;
            }
        }
        return filled;
    }
    if (auto renamed = disk_.rename(durable_end_temporary_name, durable_end_name); !renamed) {
        return renamed;
    }
    if (auto synced = disk_.sync_folder(); !synced) {
        return synced;
    }
    count_ = 1;
    file_ = std::move(*file);
    return {};
}

Result<void> DurableEndFile::put(const DurableEnd& end) {
    const std::string bytes = encode_place(end, count_ + 1);
    const std::string_view piece = bytes;
    const std::uint64_t place = (count_ + 1) % 2 * durable_end_place_bytes;
    if (auto written = file_->write_at(place, {&piece, 1}); !written) {
        return written;
    }
    if (auto synced = file_->sync(); !synced) {
        return synced;
    }
    ++count_;
    return {};
}

}  // namespace raftkv::storage
