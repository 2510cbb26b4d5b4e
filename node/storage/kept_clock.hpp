#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/result.hpp"
#include "node/storage/disk.hpp"

// How the cluster's clock stands to those of this machine, for the next process. A boot-time clock
// begins anew with each boot, so its name is kept, too. All of it is in the name of an empty file,
// `clock-<boot>.<microseconds>.<microseconds>`, of which nothing can be damaged by half. It is a
// help, not a promise: without it the servers ask each other.

namespace raftkv::storage {

struct KeptClock {
    std::string boot;  // letters and digits
    std::int64_t ahead_of_boot_us = 0;
    std::int64_t ahead_of_wall_us = 0;

    bool operator==(const KeptClock&) const = default;
};

// Nothing when there is none, or none that can be read.
std::optional<KeptClock> find_kept_clock(Disk& disk);

// Takes the place of what was kept. Not synced: what a loss of power may cost it is of no use after
// that.
Result<void> replace_kept_clock(Disk& disk, const KeptClock& clock);

}  // namespace raftkv::storage
