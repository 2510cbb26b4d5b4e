#include "node/server/faults/faulty_disk.hpp"

#include <utility>

namespace raftkv::server {
namespace {

using storage::Disk;
using storage::File;
using storage::OpenMode;

std::uint64_t bytes_of(std::span<const std::string_view> pieces) {
    std::uint64_t bytes = 0;
    for (std::string_view piece : pieces) bytes += piece.size();
    return bytes;
}

class FaultyFile final : public File {
  public:
    FaultyFile(std::unique_ptr<File> file, std::string path, DiskFaults& faults)
        : file_(std::move(file)), path_(std::move(path)), faults_(faults) {}

    Result<void> write_at(std::uint64_t offset, std::span<const std::string_view> pieces) override {
        if (auto room = faults_.before_growth(path_); !room) {
            auto end = file_->size();
            if (!end) return end.error();
            if (offset + bytes_of(pieces) > *end) return room;
        }
        return file_->write_at(offset, pieces);
    }

    Result<void> sync() override {
        if (auto met = faults_.before_sync(path_); !met) return met;
        return file_->sync();
    }

    Result<bool> reserve(std::uint64_t size) override {
        if (auto room = faults_.before_growth(path_); !room) return room.error();
        return file_->reserve(size);
    }

    Result<std::string> read_at(std::uint64_t offset, std::size_t size) override {
        return file_->read_at(offset, size);
    }
    Result<std::uint64_t> size() override { return file_->size(); }

  private:
    const std::unique_ptr<File> file_;
    const std::string path_;
    DiskFaults& faults_;
};

class FaultyDisk final : public Disk {
  public:
    FaultyDisk(std::unique_ptr<Disk> disk, DiskFaults& faults)
        : disk_(std::move(disk)), faults_(faults) {}

    Result<std::unique_ptr<File>> open(const std::string& name, OpenMode mode) override {
        std::string path = path_of(name);
        if (mode == OpenMode::create_new) {
            if (auto room = faults_.before_growth(path); !room) return room.error();
        }
        auto file = disk_->open(name, mode);
        if (!file) return file;
        std::unique_ptr<File> faulty =
            std::make_unique<FaultyFile>(std::move(*file), std::move(path), faults_);
        return faulty;
    }

    Result<void> sync_folder() override {
        if (auto met = faults_.before_sync(path_of("")); !met) return met;
        return disk_->sync_folder();
    }

    Result<std::vector<std::string>> list() override { return disk_->list(); }
    Result<void> rename(const std::string& from, const std::string& to) override {
        return disk_->rename(from, to);
    }
    Result<void> remove(const std::string& name) override { return disk_->remove(name); }
    std::string path_of(const std::string& name) const override { return disk_->path_of(name); }
    std::uint64_t random() override { return disk_->random(); }

  private:
    const std::unique_ptr<Disk> disk_;
    DiskFaults& faults_;
};

}  // namespace

std::unique_ptr<Disk> make_faulty_disk(std::unique_ptr<Disk> disk, DiskFaults& faults) {
    return std::make_unique<FaultyDisk>(std::move(disk), faults);
}

}  // namespace raftkv::server
