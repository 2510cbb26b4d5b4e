#pragma once

#include <filesystem>

#include "common/result.hpp"

// What the machine does by itself. A cluster's rate over one of these stays what it is when the
// machine is another, or has less time for us today.

namespace raftkv::benchmark {

// Messages of 64 bytes a second that one thread sends itself, in turn over 64 TCP connections on
// loopback: what an operation costs the kernel at least.
Result<double> messages_per_second(double seconds);

// Small writes with a fdatasync each that one of three does who all write to this folder's disk:
// what a write costs the disk at least.
Result<double> syncs_per_second(const std::filesystem::path& folder);

}  // namespace raftkv::benchmark
