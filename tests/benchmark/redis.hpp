#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "cli/cluster/child_process.hpp"
#include "common/result.hpp"

namespace raftkv::benchmark {

// A Redis server of our own that answers a write when it is synced to disk, as raftkv does.
class Redis {
  public:
    // Its data, and everything it says, goes to `folder`. Nothing but 127.0.0.1:port is used, and
    // no configuration file of the system is read.
    static Result<Redis> start(const std::filesystem::path& folder, std::uint16_t port);

    std::uint16_t port() const { return port_; }
    pid_t pid() const { return process_.pid(); }

  private:
    Redis(cli::ChildProcess process, std::uint16_t port)
        : process_(std::move(process)), port_(port) {}

    cli::ChildProcess process_;
    std::uint16_t port_;
};

}  // namespace raftkv::benchmark
