#include "node/storage/growing_file.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/check.hpp"

namespace raftkv::storage {

namespace {

constexpr std::uint64_t piece_bytes = 1u << 20;
constexpr std::uint64_t sync_bytes = 4u << 20;

}  // namespace

Result<std::unique_ptr<GrowingFile>> GrowingFile::create(Disk& disk, std::string temporary_name) {
    auto names = disk.list();
    if (!names) {
        return names.error();
    }
    if (std::binary_search(names->begin(), names->end(), temporary_name)) {
        if (auto removed = disk.remove(temporary_name); !removed) {
            return removed.error();
        }
    }
    auto file = disk.open(temporary_name, OpenMode::create_new);
    if (!file) {
        return file.error();
    }
    return std::unique_ptr<GrowingFile>(
        new GrowingFile(disk, std::move(temporary_name), std::move(*file)));
}

GrowingFile::GrowingFile(Disk& disk, std::string name, std::unique_ptr<File> file)
    : disk_(disk), name_(std::move(name)), file_(std::move(file)) {}

GrowingFile::~GrowingFile() {
    abandon();
}

Result<void> GrowingFile::append(std::string_view bytes) {
    RAFTKV_CHECK(file_);
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, piece_bytes - buffer_.size());
        buffer_.append(part);
        bytes.remove_prefix(part.size());
        if (buffer_.size() < piece_bytes) {
            continue;
        }
        if (auto flushed = flush(); !flushed) {
            return flushed;
        }
        if (written_ - synced_ >= sync_bytes) {
            if (auto synced = sync(); !synced) {
                return synced;
            }
        }
    }
    return {};
}

Result<void> GrowingFile::sync() {
    RAFTKV_CHECK(file_);
    if (auto flushed = flush(); !flushed) {
        return flushed;
    }
    synced_ = written_;
    return checked(file_->sync());
}

Result<void> GrowingFile::place(const std::string& final_name) {
    RAFTKV_CHECK(file_ && buffer_.empty() && synced_ == written_);
    if (auto renamed = checked(disk_.rename(name_, final_name)); !renamed) {
        return renamed;
    }
    file_.reset();
    return disk_.sync_folder();
}

void GrowingFile::abandon() {
    if (std::exchange(file_, nullptr)) {
        // What cannot be removed now is removed at the next start.
        [[maybe_unused]] auto removed = disk_.remove(name_);
    }
}

Result<void> GrowingFile::flush() {
    if (buffer_.empty()) {
        return {};
    }
    const std::string_view piece = buffer_;
    auto written = checked(file_->write_at(written_, {&piece, 1}));
    written_ += buffer_.size();
    buffer_.clear();
    return written;
}

Result<void> GrowingFile::checked(Result<void> result) {
    if (!result) {
        abandon();
    }
    return result;
}

}  // namespace raftkv::storage
