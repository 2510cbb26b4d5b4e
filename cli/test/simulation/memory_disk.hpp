#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "node/storage/disk.hpp"

namespace raftkv::storage {

// A disk in memory that can fail. It keeps apart what is written and what is durable: file
// contents in sectors of 512 bytes, names in operations on the folder. All chance comes from the
// seed.
class MemoryDisk final : public Disk {
  public:
    explicit MemoryDisk(std::uint64_t seed = 1) : random_(seed) {}

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
    void fail_next_write();
    // Bytes of all files together; more is no_space.
    void set_capacity(std::uint64_t bytes);

    // The process ends. All that was written stays visible.
    void kill();
    // Of what was not synced, each sector and each name is kept or lost by chance.
    void lose_power();

    // For a look at files, and for damage to them.
    std::string contents(const std::string& name);
    void set_contents(const std::string& name, const std::string& bytes);
    std::map<std::string, std::string> all_contents();
    void set_all_contents(const std::map<std::string, std::string>& files);

  private:
    struct Inode {
        std::string live;
        std::string durable;
        std::set<std::uint64_t> dirty;  // sectors of live that durable does not have yet
        std::set<std::uint64_t> lost;   // sectors that a failed sync left clean but not durable
    };
    struct NameChange {
        std::string removed;  // either may be empty
        std::string added;
        std::shared_ptr<Inode> inode;
    };
    class MemoryFile;

    enum class Fate { done, half, failed };
    Fate next_operation();
    void change_names(const NameChange& change);
    static void apply(const NameChange& change,
                      std::map<std::string, std::shared_ptr<Inode>>& names);
    static void persist(Inode& inode, std::uint64_t sector);
    std::uint64_t used() const;
    bool coin() { return (random_() & 1) != 0; }

    Result<void> write(Inode& inode, std::uint64_t offset, std::string bytes);
    Result<void> sync(Inode& inode);
    Result<void> reserve(Inode& inode, std::uint64_t size);

    std::mutex mutex_;
    std::mt19937_64 random_;
    std::map<std::string, std::shared_ptr<Inode>> names_;
    std::map<std::string, std::shared_ptr<Inode>> durable_names_;
    std::vector<NameChange> unsynced_names_;
    std::uint64_t operations_ = 0;
    std::optional<std::uint64_t> die_at_;
    bool dead_ = false;
    bool fail_next_sync_ = false;
    bool fail_next_write_ = false;
    std::optional<std::uint64_t> capacity_;
};

}  // namespace raftkv::storage
