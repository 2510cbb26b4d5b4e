#include "cli/test/simulation/memory_disk.hpp"

#include <algorithm>
#include <utility>

namespace raftkv::storage {

namespace {

Error io_error(const std::string& what) {
    return {ErrorKind::io, what + ": the disk failed"};
}

}  // namespace

class MemoryDisk::MemoryFile final : public File {
  public:
    MemoryFile(MemoryDisk& disk, Inode inode) : disk_(disk), inode_(std::move(inode)) {}

    Result<void> write_at(std::uint64_t offset, std::span<const std::string_view> pieces) override {
        std::lock_guard lock(disk_.mutex_);
        return disk_.write(*inode_, offset, pieces);
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
        const std::string& bytes = inode_->live();
        return offset < bytes.size() ? bytes.substr(offset, size) : std::string();
    }
    Result<std::uint64_t> size() override {
        std::lock_guard lock(disk_.mutex_);
        if (disk_.dead_) {
            return io_error("look at the size");
        }
        return std::uint64_t{inode_->live().size()};
    }
    Result<bool> reserve(std::uint64_t size) override {
        std::lock_guard lock(disk_.mutex_);
        return disk_.reserve(*inode_, size);
    }

  private:
    MemoryDisk& disk_;
    Inode inode_;
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
        auto inode = std::make_shared<FileImage>();
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
        found->second->drop_clean_pages();
    }
    return std::unique_ptr<File>(std::make_unique<MemoryFile>(*this, found->second));
}

Result<std::vector<std::string>> MemoryDisk::list() {
    std::lock_guard lock(mutex_);
    if (dead_) {
        return io_error("list");
    }
    std::vector<std::string> names;
    names.reserve(names_.size());
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
        for (const NameChange& change : unsynced_names_) {
            apply(change, *durable_names_);
        }
        unsynced_names_.clear();
    }
    return fate == Fate::done ? Result<void>() : io_error("sync the folder");
}

std::uint64_t MemoryDisk::random() {
    std::lock_guard lock(mutex_);
    return chance();
}

std::uint64_t MemoryDisk::chance() {
    if (!random_) random_.emplace(seed_);
    return (*random_)();
}

void MemoryDisk::change_names(NameChange change) {
    if (!durable_names_) durable_names_ = names_;
    apply(change, names_);
    unsynced_names_.push_back(std::move(change));
}

void MemoryDisk::apply(const NameChange& change, Names& names) {
    if (!change.removed.empty()) {
        names.erase(change.removed);
    }
    if (!change.added.empty()) {
        names[change.added] = change.inode;
    }
}

Result<void> MemoryDisk::write(FileImage& image, std::uint64_t offset,
                               std::span<const std::string_view> pieces) {
    const Fate fate = next_operation();
    std::uint64_t bytes = 0;
    for (std::string_view piece : pieces) {
        bytes += piece.size();
    }
    if (fate == Fate::half) {
        bytes = chance() % (bytes + 1);
    }
    if (fate == Fate::failed || (fate == Fate::done && std::exchange(fail_next_write_, false))) {
        return io_error("write");
    }
    if (!has_room(image, offset + bytes)) {
        return Error{ErrorKind::no_space, "write: no space left"};
    }
    image.write(offset, pieces, bytes);
    return fate == Fate::done ? Result<void>() : io_error("write");
}

Result<void> MemoryDisk::sync(FileImage& image) {
    if (next_operation() != Fate::done) {
        // What a sync that the process did not live to see has done, lose_power() decides.
        return io_error("sync");
    }
    if (std::exchange(fail_next_sync_, false)) {
        image.sync_nothing();
        return io_error("sync");
    }
    if (std::exchange(lose_next_write_, false)) {
        image.sync_nothing();
    } else if (auto sectors = std::exchange(misdirect_, std::nullopt)) {
        image.sync_elsewhere(*sectors);
    } else {
        image.sync();
    }
    return {};
}

// One that cannot still knows what room there is.
Result<bool> MemoryDisk::reserve(FileImage& image, std::uint64_t size) {
    const Fate fate = dead_ || reserves_ ? next_operation() : Fate::done;
    const bool fails = reserves_ && fate == Fate::done && std::exchange(fail_next_write_, false);
    if (fate == Fate::failed || fails) {
        return io_error("reserve");
    }
    if (fate == Fate::half) {
        size = chance() % (size + 1);
    }
    if (!has_room(image, size)) {
        return Error{ErrorKind::no_space, "reserve: no space left"};
    }
    if (reserves_) {
        image.reserve(size);
    }
    return fate == Fate::done ? Result<bool>(reserves_) : io_error("reserve");
}

bool MemoryDisk::has_room(const FileImage& image, std::uint64_t size) const {
    if (!capacity_ || size <= image.live().size()) {
        return true;
    }
    std::uint64_t used = size - image.live().size();
    for (const auto& [name, inode] : names_) {
        used += inode->live().size();
    }
    return used <= *capacity_;
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

void MemoryDisk::lose_next_write() {
    std::lock_guard lock(mutex_);
    lose_next_write_ = true;
}

void MemoryDisk::misdirect_next_write(std::int64_t sectors) {
    std::lock_guard lock(mutex_);
    misdirect_ = sectors;
}

void MemoryDisk::set_capacity(std::optional<std::uint64_t> bytes) {
    std::lock_guard lock(mutex_);
    capacity_ = bytes;
}

void MemoryDisk::set_reserves(bool reserves) {
    std::lock_guard lock(mutex_);
    reserves_ = reserves;
}

void MemoryDisk::kill() {
    std::lock_guard lock(mutex_);
    dead_ = false;
    die_at_.reset();
}

std::uint64_t MemoryDisk::lose_power() {
    std::lock_guard lock(mutex_);
    std::uint64_t lost = 0;
    for (const NameChange& change : unsynced_names_) {
        if (coin()) {
            apply(change, *durable_names_);
        } else {
            ++lost;
        }
    }
    unsynced_names_.clear();
    names_ = durable_names();
    for (auto& [name, inode] : names_) {
        lost += inode->lose_power([this] { return coin(); });
    }
    dead_ = false;
    die_at_.reset();
    return lost;
}

std::optional<std::string_view> MemoryDisk::durable(const std::string& name) const {
    std::lock_guard lock(mutex_);
    auto found = durable_names().find(name);
    return found == durable_names().end()
               ? std::nullopt
               : std::optional<std::string_view>(found->second->durable());
}

std::string MemoryDisk::durable_name_with_prefix(const std::string& prefix) const {
    std::lock_guard lock(mutex_);
    auto found = durable_names().lower_bound(prefix);
    return found != durable_names().end() && found->first.starts_with(prefix) ? found->first : "";
}

std::vector<std::string> MemoryDisk::durable_names_with_prefix(const std::string& prefix) const {
    std::lock_guard lock(mutex_);
    std::vector<std::string> found;
    for (auto name = durable_names().lower_bound(prefix);
         name != durable_names().end() && name->first.starts_with(prefix); ++name) {
        found.push_back(name->first);
    }
    return found;
}

std::map<std::string, std::string> MemoryDisk::durable_contents() const {
    std::lock_guard lock(mutex_);
    std::map<std::string, std::string> files;
    for (const auto& [name, inode] : durable_names()) {
        files[name] = inode->durable();
    }
    return files;
}

bool MemoryDisk::is_durable(const std::string& name, std::uint64_t offset,
                            std::uint64_t size) const {
    std::lock_guard lock(mutex_);
    auto found = names_.find(name);
    auto kept = durable_names().find(name);
    return found != names_.end() && kept != durable_names().end() &&
           found->second == kept->second && found->second->is_durable(offset, size);
}

std::uint64_t MemoryDisk::reserved_bytes(const std::string& name) const {
    std::lock_guard lock(mutex_);
    return names_.at(name)->reserved_bytes();
}

std::string MemoryDisk::contents(const std::string& name) const {
    std::lock_guard lock(mutex_);
    return names_.at(name)->live();
}

void MemoryDisk::set_contents(const std::string& name, const std::string& bytes) {
    std::lock_guard lock(mutex_);
    auto inode = std::make_shared<FileImage>(std::make_shared<std::string>(bytes));
    names_[name] = inode;
    if (durable_names_) (*durable_names_)[name] = inode;
}

void MemoryDisk::forget(const std::string& name) {
    std::lock_guard lock(mutex_);
    names_.erase(name);
    if (durable_names_) durable_names_->erase(name);
    std::erase_if(unsynced_names_, [&](const NameChange& change) {
        return change.added == name || change.removed == name;
    });
}

std::map<std::string, std::string> MemoryDisk::all_contents() const {
    std::lock_guard lock(mutex_);
    std::map<std::string, std::string> files;
    for (const auto& [name, inode] : names_) {
        files[name] = inode->live();
    }
    return files;
}

void MemoryDisk::set_all_contents(const std::map<std::string, std::string>& files) {
    std::vector<NamedFile> copies;
    for (const auto& [name, bytes] : files) {
        copies.push_back({name, std::make_shared<std::string>(bytes)});
    }
    set_files(copies);
}

void MemoryDisk::set_files(std::span<const NamedFile> files) {
    std::lock_guard lock(mutex_);
    names_.clear();
    durable_names_.reset();
    unsynced_names_.clear();
    for (const NamedFile& file : files) {
        names_.emplace_hint(names_.end(), file.name, std::make_shared<FileImage>(file.bytes));
    }
}

bool MemoryDisk::holds(std::span<const NamedFile> files) const {
    std::lock_guard lock(mutex_);
    return std::equal(names_.begin(), names_.end(), files.begin(), files.end(),
                      [](const auto& name, const NamedFile& file) {
                          const std::string& live = name.second->live();
                          return name.first == file.name &&
                                 (&live == file.bytes.get() || live == *file.bytes);
                      });
}

void MemoryDisk::damage(const std::string& name, std::uint64_t offset, std::string_view bytes) {
    std::lock_guard lock(mutex_);
    names_.at(name)->damage(offset, bytes);
}

void MemoryDisk::flip_bit(const std::string& name, std::uint64_t bit) {
    std::lock_guard lock(mutex_);
    FileImage& image = *names_.at(name);
    const char flipped = static_cast<char>(image.live().at(bit / 8) ^ (1 << bit % 8));
    image.damage(bit / 8, {&flipped, 1});
}

}  // namespace raftkv::storage
