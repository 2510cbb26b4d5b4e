#pragma once

#include <memory>
#include <optional>
#include <string>

#include "node/replica/replica.hpp"
#include "node/storage/disk.hpp"

namespace raftkv::server {

// The name of this boot of the machine; empty when the kernel does not say.
std::string name_of_boot();

// What an earlier process kept in this folder, as far as it is of use in this boot.
replica::ClockOffsets kept_clock(storage::Disk& disk);

// Keeps how the cluster's clock stands to those of this machine in the node's folder, on a thread
// of its own: a disk that hangs must not stop the event loop. Best effort.
class ClockKeeper {
  public:
    // `disk` outlives this.
    explicit ClockKeeper(storage::Disk& disk);
    ~ClockKeeper();

    // Call now and then: what is kept already costs nothing.
    void keep(const replica::ClockOffsets& offsets);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::server
