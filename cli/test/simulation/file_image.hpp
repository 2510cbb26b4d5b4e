#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cli/test/simulation/sector_set.hpp"

namespace raftkv::storage {

// What is in a file. Many may share it until one of them writes.
using FileBytes = std::shared_ptr<std::string>;

inline std::string& writable(FileBytes& bytes) {
    if (bytes.use_count() > 1) bytes = std::make_shared<std::string>(*bytes);
    return *bytes;
}

// A file twice: as processes see it, in the page cache, and as the device has it.
class FileImage {
  public:
    FileImage() : FileImage(std::make_shared<std::string>()) {}
    explicit FileImage(FileBytes bytes)
        : live_(bytes), durable_(std::move(bytes)), written_end_(live_->size()) {}

    const std::string& live() const { return *live_; }
    const std::string& durable() const { return *durable_; }
    // At the end: what was reserved and never written.
    std::uint64_t reserved_bytes() const { return live_->size() - written_end_; }

    // The first `bytes` of the pieces.
    void write(std::uint64_t offset, std::span<const std::string_view> pieces, std::uint64_t bytes);
    // The file has at least this size, and zeros where nothing was written.
    void reserve(std::uint64_t size);
    void sync();
    // Nothing gets to the device, and the pages count as clean, as after an error in Linux; or as
    // when the device lies.
    void sync_nothing();
    // What was written ends so many sectors away from its place.
    void sync_elsewhere(std::int64_t sectors);
    // The cache forgets what the device does not have and was not asked to.
    void drop_clean_pages();
    // Each sector that was not synced is kept or not, and of what the file grew by since then all,
    // a part or nothing. Gives how many sectors are lost.
    std::uint64_t lose_power(const std::function<bool()>& is_kept);
    // Other bytes on the device, and in the cache.
    void damage(std::uint64_t offset, std::string_view bytes);
    bool is_durable(std::uint64_t offset, std::uint64_t size) const;

  private:
    void persist(SectorSet::Run run, std::int64_t sectors_away = 0);
    void restore(SectorSet::Run run);
    std::uint64_t size_kept(const std::function<bool()>& is_kept) const;
    static void resize(FileBytes& bytes, std::size_t size);

    FileBytes live_;
    FileBytes durable_;
    std::uint64_t written_end_;  // nothing was written behind
    SectorSet dirty_;            // of live_: to be written by the next sync
    SectorSet lost_;             // clean, though the device has something else
};

}  // namespace raftkv::storage
