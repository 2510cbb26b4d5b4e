#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/test/simulation/file_image.hpp"
#include "node/storage/disk.hpp"

namespace raftkv::storage {

// A disk in memory that can fail. It keeps apart what is written and what is durable: file
// contents in sectors of 512 bytes, names in operations on the folder. All chance comes from the
// seed.
class MemoryDisk final : public Disk {
  public:
    explicit MemoryDisk(std::uint64_t seed = 1) : seed_(seed) {}

    Result<std::unique_ptr<File>> open(const std::string& name, OpenMode mode) override;
    Result<std::vector<std::string>> list() override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> remove(const std::string& name) override;
    Result<void> sync_folder() override;
    std::string path_of(const std::string& name) const override { return "memory/" + name; }
    std::uint64_t random() override;

    // Operations so far that change something or make it durable.
    std::uint64_t operations();
    // The operation with this number, counted as operations() does, is done by half or not at all;
    // it and all later ones fail, until the process ends.
    void die_at(std::uint64_t operation);
    bool died();
    // The next sync of a file fails, once. The pages then count as clean, as in Linux.
    void fail_next_sync();
    void fail_next_write();  // or reservation
    // The device lies, once: what the next sync of a file should have made durable never gets
    // there, or so many sectors away from its place. Nobody notices before the cache is gone.
    void lose_next_write();
    void misdirect_next_write(std::int64_t sectors);
    // Bytes of all files together, reserved ones included; more is no_space.
    void set_capacity(std::optional<std::uint64_t> bytes);
    // Whether it can set space aside, as most file systems can (ext4, xfs) and some cannot (nfs).
    void set_reserves(bool reserves);

    // The process ends. All that was written stays visible.
    void kill();
    // Of what was not synced, each sector and each name is kept or lost by chance. Gives how many
    // are lost.
    std::uint64_t lose_power();

    // What would certainly survive if the power went now. The views hold until something is
    // written.
    std::optional<std::string_view> durable(const std::string& name) const;
    std::string durable_name_with_prefix(const std::string& prefix) const;  // the first, or ""
    std::vector<std::string> durable_names_with_prefix(const std::string& prefix) const;
    std::map<std::string, std::string> durable_contents() const;
    // Whether these bytes of the file, as a process reads them now, would.
    bool is_durable(const std::string& name, std::uint64_t offset, std::uint64_t size) const;

    // At the end of the file: what was reserved and never written, by nobody.
    std::uint64_t reserved_bytes(const std::string& name) const;

    // For a look at files, and for damage to them.
    std::string contents(const std::string& name) const;
    void set_contents(const std::string& name, const std::string& bytes);
    // As if it had never been there, durably.
    void forget(const std::string& name);
    std::map<std::string, std::string> all_contents() const;
    void set_all_contents(const std::map<std::string, std::string>& files);
    // The same without copies: whoever changes a file, here or there, has it for itself from then
    // on. In order of their names.
    struct NamedFile {
        std::string_view name;
        FileBytes bytes;
    };
    void set_files(std::span<const NamedFile> files);
    bool holds(std::span<const NamedFile> files) const;
    // In place, on the device and in the cache; what is past the end is left out.
    void damage(const std::string& name, std::uint64_t offset, std::string_view bytes);
    void flip_bit(const std::string& name, std::uint64_t bit);

  private:
    using Inode = std::shared_ptr<FileImage>;
    using Names = std::map<std::string, Inode>;
    struct NameChange {
        std::string removed;  // either may be empty
        std::string added;
        Inode inode;
    };
    class MemoryFile;

    enum class Fate { done, half, failed };
    Fate next_operation();
    const Names& durable_names() const { return durable_names_ ? *durable_names_ : names_; }
    void change_names(NameChange change);
    static void apply(const NameChange& change, Names& names);
    bool has_room(const FileImage& image, std::uint64_t size) const;
    // The source is made when it is asked first: many disks never need one.
    std::uint64_t chance();
    bool coin() { return (chance() & 1) != 0; }

    Result<void> write(FileImage& image, std::uint64_t offset,
                       std::span<const std::string_view> pieces);
    Result<void> sync(FileImage& image);
    Result<bool> reserve(FileImage& image, std::uint64_t size);

    mutable std::mutex mutex_;
    const std::uint64_t seed_;
    std::optional<std::mt19937_64> random_;
    Names names_;
    std::optional<Names> durable_names_;  // nothing: no name was changed, these are names_
    std::vector<NameChange> unsynced_names_;
    std::uint64_t operations_ = 0;
    std::optional<std::uint64_t> die_at_;
    bool dead_ = false;
    bool fail_next_sync_ = false;
    bool fail_next_write_ = false;
    bool lose_next_write_ = false;
    std::optional<std::int64_t> misdirect_;
    std::optional<std::uint64_t> capacity_;
    bool reserves_ = true;
};

}  // namespace raftkv::storage
