#include "cli/test/simulation/file_image.hpp"

#include <algorithm>

#include "common/check.hpp"

namespace raftkv::storage {

void FileImage::write(std::uint64_t offset, std::span<const std::string_view> pieces,
                      std::uint64_t bytes) {
    if (bytes == 0) {
        return;
    }
    const std::uint64_t end = offset + bytes;
    std::string& live = writable(live_);
    if (end > live.size()) {
        live.resize(end);
    }
    std::uint64_t at = offset;
    for (std::string_view piece : pieces) {
        const std::string_view part = piece.substr(0, end - at);
        live.replace(at, part.size(), part);
        at += part.size();
    }
    dirty_.add_bytes(offset, end);
    written_end_ = std::max(written_end_, end);
}

void FileImage::reserve(std::uint64_t size) {
    resize(live_, std::max<std::size_t>(live_->size(), size));
}

void FileImage::resize(FileBytes& bytes, std::size_t size) {
    if (bytes->size() != size) {
        writable(bytes).resize(size);
    }
}

void FileImage::persist(SectorSet::Run run, std::int64_t sectors_away) {
    const std::uint64_t from = run.first * sector_bytes;
    const std::int64_t away = sectors_away * static_cast<std::int64_t>(sector_bytes);
    const std::int64_t to = static_cast<std::int64_t>(from) + away;
    const std::uint64_t end = std::min<std::uint64_t>(run.end * sector_bytes, live_->size());
    if (to < 0 || from >= end || static_cast<std::uint64_t>(to) >= durable_->size()) {
        return;  // off the file, where it hurts nobody
    }
    const auto there = static_cast<std::uint64_t>(to);
    const std::uint64_t size = std::min(end - from, durable_->size() - there);
    writable(durable_).replace(there, size, *live_, from, size);
}

void FileImage::sync() {
    resize(durable_, live_->size());
    for (const SectorSet::Run& run : dirty_.runs()) {
        persist(run);
    }
    dirty_.clear();
}

void FileImage::sync_nothing() {
    lost_.add(dirty_);
    dirty_.clear();
}

void FileImage::sync_elsewhere(std::int64_t sectors) {
    resize(durable_, live_->size());
    for (const SectorSet::Run& run : dirty_.runs()) {
        persist(run, sectors);
        const auto first = static_cast<std::int64_t>(run.first) + sectors;
        const auto end = static_cast<std::int64_t>(run.end) + sectors;
        lost_.add({static_cast<std::uint64_t>(std::max<std::int64_t>(first, 0)),
                   static_cast<std::uint64_t>(std::max<std::int64_t>(end, 0))});
    }
    sync_nothing();
}

void FileImage::restore(SectorSet::Run run) {
    const std::uint64_t from = std::min<std::uint64_t>(run.first * sector_bytes, live_->size());
    const std::uint64_t end = std::min<std::uint64_t>(run.end * sector_bytes, live_->size());
    writable(live_).replace(from, end - from, *durable_, from, end - from);
}

void FileImage::drop_clean_pages() {
    RAFTKV_CHECK(dirty_.empty());
    resize(live_, durable_->size());
    written_end_ = std::min<std::uint64_t>(written_end_, live_->size());
    for (const SectorSet::Run& run : lost_.runs()) {
        restore(run);
    }
    lost_.clear();
}

// A file system may note a growth at once or step by step, as it finds the room.
std::uint64_t FileImage::size_kept(const std::function<bool()>& is_kept) const {
    const std::uint64_t synced = durable_->size(), grown = live_->size();
    if (grown == synced || is_kept()) {
        return grown;
    }
    return is_kept() ? synced : synced + (grown - synced) / 2;
}

std::uint64_t FileImage::lose_power(const std::function<bool()>& is_kept) {
    if (dirty_.empty() && lost_.empty() && durable_->size() == live_->size()) {
        return 0;
    }
    resize(durable_, size_kept(is_kept));
    std::uint64_t lost = 0;
    for (const SectorSet::Run& run : dirty_.runs()) {
        for (std::uint64_t sector = run.first; sector < run.end; ++sector) {
            if (is_kept()) {
                persist({sector, sector + 1});
            } else {
                ++lost;
            }
        }
    }
    lost_.add(dirty_);
    dirty_.clear();
    drop_clean_pages();
    return lost;
}

void FileImage::damage(std::uint64_t offset, std::string_view bytes) {
    for (FileBytes* image : {&live_, &durable_}) {
        if (offset < (*image)->size()) {
            const std::string_view part = bytes.substr(0, (*image)->size() - offset);
            writable(*image).replace(offset, part.size(), part);
        }
    }
}

bool FileImage::is_durable(std::uint64_t offset, std::uint64_t size) const {
    return offset + size <= durable_->size() && offset + size <= live_->size() &&
           std::string_view(*live_).substr(offset, size) ==
               std::string_view(*durable_).substr(offset, size);
}

}  // namespace raftkv::storage
