#pragma once

#include <cstddef>
#include <filesystem>

#include "cli/bench/load/histogram.hpp"
#include "common/result.hpp"

// What the disk of a folder can do by itself, written as the log does it: into blocks that were
// written before, so that a sync is of data only.

namespace raftkv::bench {

// What a small write and its fdatasync take, so many times. With several `writers` each has a file
// of its own, and all begin at the same time, as the nodes of a cluster that share a disk do.
Result<Histogram> measure_syncs(const std::filesystem::path& folder, std::size_t writers = 1,
                                std::size_t times = 200);

// Bytes a second of one writer that writes batches of this size one after the other, each with a
// fdatasync, for so long.
Result<double> measure_write_rate(const std::filesystem::path& folder, std::size_t batch_bytes,
                                  double seconds);

}  // namespace raftkv::bench
