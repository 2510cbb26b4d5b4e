#include "cli/bench/disk.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <barrier>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "common/descriptor.hpp"

namespace raftkv::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point from) {
    return std::chrono::duration<double>(Clock::now() - from).count();
}

// A file that was written once from end to end. It goes with this object.
class ProbeFile {
  public:
    static Result<ProbeFile> create(const fs::path& folder, std::size_t bytes,
                                    std::size_t number = 0) {
        ProbeFile file(folder / fmt::format("disk-probe-{}", number));
        if (file.descriptor_.get() < 0) return file.failed();
        const std::string zeros(std::min<std::size_t>(bytes, 1 << 20), '\0');
        for (std::size_t at = 0; at < bytes; at += zeros.size()) {
            if (!file.write(zeros.substr(0, bytes - at), at)) return file.failed();
        }
        if (::fdatasync(file.descriptor_.get()) != 0) return file.failed();
        return file;
    }
    ProbeFile(ProbeFile&& other) noexcept = default;
    ProbeFile& operator=(ProbeFile&&) = delete;
    ~ProbeFile() {
        if (descriptor_.get() >= 0) ::unlink(path_.c_str());
    }

    Result<void> write_and_sync(const std::string& bytes, std::size_t at) {
        if (write(bytes, at) && ::fdatasync(descriptor_.get()) == 0) return {};
        return failed();
    }

  private:
    explicit ProbeFile(fs::path path)
        : path_(std::move(path)),
          descriptor_(::open(path_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600)) {}

    bool write(const std::string& bytes, std::size_t at) {
        return ::pwrite(descriptor_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at)) ==
               static_cast<ssize_t>(bytes.size());
    }
    Error failed() const {
        return {ErrorKind::io, fmt::format("writing {}: {}", path_.string(), std::strerror(errno))};
    }

    fs::path path_;
    Descriptor descriptor_;
};

constexpr std::size_t sync_file_bytes = 1 << 20;

// What one writer found. It goes on to the end after an error: the others wait for it.
struct Syncs {
    Histogram took;
    Result<void> outcome;
};

void time_syncs(ProbeFile& file, std::size_t times, std::barrier<>& together, Syncs& syncs) {
    const std::string record(200, 'v');
    for (std::size_t i = 0; i < times; ++i) {
        together.arrive_and_wait();
        const auto start = Clock::now();
        auto synced =
            file.write_and_sync(record, i % (sync_file_bytes / record.size()) * record.size());
        syncs.took.add(std::chrono::nanoseconds(Clock::now() - start).count());
        if (!synced) syncs.outcome = synced;
    }
}

}  // namespace

Result<Histogram> measure_syncs(const fs::path& folder, std::size_t writers, std::size_t times) {
    std::vector<ProbeFile> files;
    for (std::size_t i = 0; i < writers; ++i) {
        auto file = ProbeFile::create(folder, sync_file_bytes, i);
        if (!file) return file.error();
        files.push_back(std::move(*file));
    }
    std::vector<Syncs> syncs(writers);
    std::barrier<> together(static_cast<std::ptrdiff_t>(writers));
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < writers; ++i)
            threads.emplace_back([&, i] { time_syncs(files[i], times, together, syncs[i]); });
    }
    Histogram all;
    for (const Syncs& one : syncs) {
        if (!one.outcome) return one.outcome.error();
        all.add(one.took);
    }
    return all;
}

Result<double> measure_write_rate(const fs::path& folder, std::size_t batch_bytes, double seconds) {
    // As much as a few segments of a log. What is in there is written over when its end is reached.
    constexpr std::size_t usual_bytes = std::size_t{64} << 20;
    const std::size_t batches = std::max<std::size_t>(usual_bytes / batch_bytes, 1);
    auto file = ProbeFile::create(folder, batches * batch_bytes);
    if (!file) return file.error();
    const std::string batch(batch_bytes, 'v');
    const auto start = Clock::now();
    std::size_t written = 0;
    double took = 0;
    for (; took < seconds; took = seconds_since(start)) {
        const std::size_t at = written % batches * batch_bytes;
        if (auto synced = file->write_and_sync(batch, at); !synced) return synced.error();
        ++written;
    }
    return static_cast<double>(written * batch_bytes) / took;
}

}  // namespace raftkv::bench
