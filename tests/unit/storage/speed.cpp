#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "node/storage/posix_disk.hpp"
#include "node/storage/wal.hpp"
#include "tests/unit/storage/plain_sink.hpp"

// storage_speed <empty folder> [MiB] [payload bytes] [entries a sync]

namespace {

using namespace raftkv;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

template <class T>
void require(const Result<T>& result) {
    if (!result) {
        fmt::print(stderr, "{}\n", result.error().message);
        std::exit(static_cast<int>(exit_code(result.error().kind)));
    }
}

std::unique_ptr<storage::Wal> open(storage::Disk& disk, storage::Recovered& recovered,
                                   std::uint64_t& committed) {
    storage::PlainSink sink([&](const raft::Entry&) { ++committed; });
    auto wal = storage::Wal::open(
        disk, {.cluster_id = 1, .config_id = 1, .node_id = NodeId(1), .new_folder = 1}, {}, sink,
        recovered);
    require(wal);
    return std::move(*wal);
}

std::uint64_t write(storage::Wal& wal, std::size_t bytes, std::size_t payload, int batch) {
    const SharedBytes shared = SharedBytes::copy_of(std::string(payload, 'v'));
    const auto start = Clock::now();
    std::uint64_t index = 0;
    std::uint64_t syncs = 0;
    while (index * payload < bytes) {
        raft::LogWrite group;
        group.commit = LogIndex(index);
        for (int i = 0; i < batch; ++i) {
            group.entries.push_back({LogIndex(++index), Term(1), raft::EntryKind::command, shared});
        }
        require(wal.append(group));
        require(wal.sync());
        ++syncs;
        if (wal.wants_segment()) {
            require(wal.prepare_segment());
        }
    }
    const double took = seconds_since(start);
    fmt::print("write: {} entries, {:.1f} MB of payload in {:.2f} s: {:.1f} MB/s, {:.0f} syncs/s\n",
               index, static_cast<double>(index * payload) / 1e6, took,
               static_cast<double>(index * payload) / 1e6 / took,
               static_cast<double>(syncs) / took);
    return index;
}

void read_all(storage::Wal& wal, std::uint64_t last) {
    const auto start = Clock::now();
    std::uint64_t next = 1;
    std::size_t bytes = 0;
    while (next <= last) {
        auto entries = wal.read(LogIndex(next), LogIndex(last), 1u << 20);
        require(entries);
        for (const raft::Entry& entry : *entries) {
            bytes += entry.payload.size();
        }
        next += entries->size();
    }
    fmt::print("read: {:.1f} MB/s\n", static_cast<double>(bytes) / 1e6 / seconds_since(start));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "storage_speed <empty folder> [MiB] [payload bytes] [entries a sync]\n");
        return 64;
    }
    const std::size_t bytes = (argc > 2 ? std::stoul(argv[2]) : 256) << 20;
    const std::size_t payload = argc > 3 ? std::stoul(argv[3]) : 128;
    const int batch = argc > 4 ? std::stoi(argv[4]) : 64;
    auto disk = storage::open_posix_disk(argv[1]);
    require(disk);
    storage::Recovered recovered;
    std::uint64_t committed = 0;
    std::uint64_t last = write(*open(**disk, recovered, committed), bytes, payload, batch);
    const auto start = Clock::now();
    auto wal = open(**disk, recovered, committed);
    const double took = seconds_since(start);
    fmt::print("open: {:.2f} s, {:.1f} MB/s of segments, {} entries committed\n", took,
               static_cast<double>(wal->bytes()) / 1e6 / took, committed);
    read_all(*wal, last);
    return 0;
}
