#include "cli/bench/disk.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "cli/bench/median.hpp"
#include "cli/client/socket.hpp"

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
    static Result<ProbeFile> create(const fs::path& folder, std::size_t bytes) {
        ProbeFile file(folder / "disk-probe");
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
    cli::Descriptor descriptor_;
};

}  // namespace

Result<double> measure_sync_us(const fs::path& folder) {
    auto file = ProbeFile::create(folder, 1 << 20);
    if (!file) return file.error();
    const std::string record(200, 'v');
    std::vector<double> times;
    for (std::size_t i = 0; i < 200; ++i) {
        const auto start = Clock::now();
        if (auto synced = file->write_and_sync(record, i * record.size()); !synced)
            return synced.error();
        times.push_back(seconds_since(start) * 1e6);
    }
    return median(times);
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
