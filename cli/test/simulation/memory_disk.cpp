#include "cli/test/simulation/memory_disk.hpp"

#include <algorithm>
#include <utility>

namespace raftkv::storage {

namespace {

constexpr std::uint64_t sector_bytes = 512;

Error io_error(const std::string& what) {
    return {ErrorKind::io, what + ": the disk failed"};
}

}  // namespace

class MemoryDisk::MemoryFile final : public File {
  public:
    MemoryFile(MemoryDisk& disk, std::shared_ptr<Inode> inode)
        : disk_(disk), inode_(std::move(inode)) {}

    Result<void> write_at(std::uint64_t offset, std::span<const std::string_view> pieces) override {
        std::string bytes;
        for (std::string_view piece : pieces) {
            bytes += piece;
        }
        std::lock_guard lock(disk_.mutex_);
        return disk_.write(*inode_, offset, std::move(bytes));
    }
    Result<void> sync() override {
        std::lock_guard lock(disk_.mutex_);
        return disk_.sync(*inode_);
    }
    Result<std::string> read_at(std::uint64_t offset, std::size_t size) override {
        std::lock_guard lock(disk_.mutex_);
        if (disk_.dead_) {
            return io_error("read");
        }
        return offset < inode_->live.size() ? inode_->live.substr(offset, size) : std::string();
    }
    Result<std::uint64_t> size() override {
        std::lock_guard lock(disk_.mutex_);
        return std::uint64_t{inode_->live.size()};
    }
    Result<void> reserve(std::uint64_t size) override {
        std::lock_guard lock(disk_.mutex_);
        return disk_.reserve(*inode_, size);
    }

  private:
    MemoryDisk& disk_;
    std::shared_ptr<Inode> inode_;
};

MemoryDisk::Fate MemoryDisk::next_operation() {
    if (dead_) {
        return Fate::failed;
    }
    ++operations_;
    dead_ = operations_ == die_at_;
    return dead_ ? Fate::half : Fate::done;
}

Result<std::unique_ptr<File>> MemoryDisk::open(const std::string& name, OpenMode mode) {
    std::lock_guard lock(mutex_);
    auto found = names_.find(name);
    if (mode == OpenMode::create_new) {
        if (found != names_.end()) {
            return io_error("create " + name + ", which exists");
        }
        auto inode = std::make_shared<Inode>();
        const Fate fate = next_operation();
        if (fate == Fate::done || (fate == Fate::half && coin())) {
            change_names({"", name, inode});
        }
        if (fate != Fate::done) {
            return io_error("create " + name);
        }
        return std::unique_ptr<File>(std::make_unique<MemoryFile>(*this, inode));
    }
    if (dead_ || found == names_.end()) {
        return io_error("open " + name);
    }
    if (mode == OpenMode::read_write) {
        if (auto synced = sync(*found->second); !synced) {
            return synced.error();
        }
        found->second->live = found->second->durable;
        found->second->lost.clear();
    }
    return std::unique_ptr<File>(std::make_unique<MemoryFile>(*this, found->second));
}

Result<std::vector<std::string>> MemoryDisk::list() {
    std::lock_guard lock(mutex_);
    if (dead_) {
        return io_error("list");
    }
    std::vector<std::string> names;
    for (const auto& [name, inode] : names_) {
        names.push_back(name);
    }
    return names;
}

Result<void> MemoryDisk::rename(const std::string& from, const std::string& to) {
    std::lock_guard lock(mutex_);
    auto found = names_.find(from);
    const Fate fate = found == names_.end() ? Fate::failed : next_operation();
    if (fate == Fate::done || (fate == Fate::half && coin())) {
        change_names({from, to, found->second});
    }
    return fate == Fate::done ? Result<void>() : io_error("rename " + from);
}

Result<void> MemoryDisk::remove(const std::string& name) {
    std::lock_guard lock(mutex_);
    const Fate fate = names_.contains(name) ? next_operation() : Fate::failed;
    if (fate == Fate::done || (fate == Fate::half && coin())) {
        change_names({name, "", nullptr});
    }
    return fate == Fate::done ? Result<void>() : io_error("remove " + name);
}

Result<void> MemoryDisk::sync_folder() {
    std::lock_guard lock(mutex_);
    const Fate fate = next_operation();
    if (fate == Fate::done || (fate == Fate::half && coin())) {
        durable_names_ = names_;
        unsynced_names_.clear();
    }
    return fate == Fate::done ? Result<void>() : io_error("sync the folder");
}

std::uint64_t MemoryDisk::random() {
    std::lock_guard lock(mutex_);
    return random_();
}

void MemoryDisk::change_names(const NameChange& change) {
    apply(change, names_);
    unsynced_names_.push_back(change);
}

void MemoryDisk::apply(const NameChange& change,
                       std::map<std::string, std::shared_ptr<Inode>>& names) {
    names.erase(change.removed);
    if (!change.added.empty()) {
        names[change.added] = change.inode;
    }
}

Result<void> MemoryDisk::write(Inode& inode, std::uint64_t offset, std::string bytes) {
    Fate fate = next_operation();
    if (fate == Fate::half) {
        bytes.resize(random_() % (bytes.size() + 1));
    }
    if (fate == Fate::done && std::exchange(fail_next_write_, false)) {
        return io_error("write");
    }
    if (fate == Fate::failed || bytes.empty()) {
        return fate == Fate::done ? Result<void>() : io_error("write");
    }
    const std::uint64_t end = offset + bytes.size();
    const std::uint64_t growth = end - std::min<std::uint64_t>(end, inode.live.size());
    if (capacity_ && growth > 0 && used() + growth > *capacity_) {
        return Error{ErrorKind::no_space, "write: no space left"};
    }
    inode.live.resize(std::max<std::uint64_t>(end, inode.live.size()));
    inode.live.replace(offset, bytes.size(), bytes);
    for (std::uint64_t sector = offset / sector_bytes; sector * sector_bytes < end; ++sector) {
        inode.dirty.insert(sector);
        inode.lost.erase(sector);
    }
    return fate == Fate::done ? Result<void>() : io_error("write");
}

void MemoryDisk::persist(Inode& inode, std::uint64_t sector) {
    const std::uint64_t from = sector * sector_bytes;
    if (from < inode.durable.size()) {
        const std::uint64_t size = std::min(sector_bytes, inode.durable.size() - from);
        inode.durable.replace(from, size, inode.live, from, size);
    }
}

Result<void> MemoryDisk::sync(Inode& inode) {
    const Fate fate = next_operation();
    if (fate == Fate::done && std::exchange(fail_next_sync_, false)) {
        inode.lost.merge(inode.dirty);
        inode.dirty.clear();
        return io_error("sync");
    }
    if (fate != Fate::done) {
        // What a sync that the process did not live to see has done, lose_power() decides.
        return io_error("sync");
    }
    inode.durable.resize(inode.live.size());
    for (std::uint64_t sector : inode.dirty) {
        persist(inode, sector);
    }
    inode.dirty.clear();
    return {};
}

Result<void> MemoryDisk::reserve(Inode& inode, std::uint64_t size) {
    if (dead_) {
        return io_error("reserve");
    }
    const std::uint64_t growth = size - std::min<std::uint64_t>(size, inode.live.size());
    if (capacity_ && growth > 0 && used() + growth > *capacity_) {
        return Error{ErrorKind::no_space, "reserve: no space left"};
    }
    return {};
}

std::uint64_t MemoryDisk::used() const {
    std::uint64_t sum = 0;
    for (const auto& [name, inode] : names_) {
        sum += inode->live.size();
    }
    return sum;
}

std::uint64_t MemoryDisk::operations() {
    std::lock_guard lock(mutex_);
    return operations_;
}

void MemoryDisk::die_at(std::uint64_t operation) {
    std::lock_guard lock(mutex_);
    die_at_ = operation;
}

bool MemoryDisk::died() {
    std::lock_guard lock(mutex_);
    return dead_;
}

void MemoryDisk::fail_next_sync() {
    std::lock_guard lock(mutex_);
    fail_next_sync_ = true;
}

void MemoryDisk::fail_next_write() {
    std::lock_guard lock(mutex_);
    fail_next_write_ = true;
}

void MemoryDisk::set_capacity(std::uint64_t bytes) {
    std::lock_guard lock(mutex_);
    capacity_ = bytes;
}

void MemoryDisk::kill() {
    std::lock_guard lock(mutex_);
    dead_ = false;
    die_at_.reset();
}

void MemoryDisk::lose_power() {
    std::lock_guard lock(mutex_);
    for (const NameChange& change : unsynced_names_) {
        if (coin()) {
            apply(change, durable_names_);
        }
    }
    unsynced_names_.clear();
    names_ = durable_names_;
    for (auto& [name, inode] : names_) {
        if (coin()) {
            inode->durable.resize(inode->live.size());
        }
        for (std::uint64_t sector : inode->dirty) {
            if (coin()) {
                persist(*inode, sector);
            }
        }
        inode->dirty.clear();
        inode->lost.clear();
        inode->live = inode->durable;
    }
    dead_ = false;
    die_at_.reset();
}

std::string MemoryDisk::contents(const std::string& name) {
    std::lock_guard lock(mutex_);
    return names_.at(name)->live;
}

void MemoryDisk::set_contents(const std::string& name, const std::string& bytes) {
    std::lock_guard lock(mutex_);
    auto inode = std::make_shared<Inode>();
    inode->live = bytes;
    inode->durable = bytes;
    names_[name] = inode;
    durable_names_[name] = inode;
}

std::map<std::string, std::string> MemoryDisk::all_contents() {
    std::lock_guard lock(mutex_);
    std::map<std::string, std::string> files;
    for (const auto& [name, inode] : names_) {
        files[name] = inode->live;
    }
    return files;
}

void MemoryDisk::set_all_contents(const std::map<std::string, std::string>& files) {
    {
        std::lock_guard lock(mutex_);
        names_.clear();
        durable_names_.clear();
        unsynced_names_.clear();
    }
    for (const auto& [name, bytes] : files) {
        set_contents(name, bytes);
    }
}

}  // namespace raftkv::storage
