#include "node/server/clock_keeper.hpp"

#include <algorithm>
#include <cctype>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <thread>
#include <utility>

#include "common/log.hpp"
#include "node/storage/kept_clock.hpp"

namespace raftkv::server {
namespace {

// What is off by less is good enough.
constexpr std::int64_t kept_well_enough_us = 10'000;

bool are_close(std::int64_t a, std::int64_t b) {
    return std::max(a, b) - std::min(a, b) < kept_well_enough_us;
}

}  // namespace

std::string name_of_boot() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string name;
    std::getline(file, name);
    std::erase_if(name, [](unsigned char c) { return !std::isalnum(c); });
    return name;
}

replica::ClockOffsets kept_clock(storage::Disk& disk) {
    replica::ClockOffsets offsets;
    const auto kept = storage::find_kept_clock(disk);
    if (!kept) return offsets;
    offsets.ahead_of_wall_us = kept->ahead_of_wall_us;
    if (!kept->boot.empty() && kept->boot == name_of_boot())
        offsets.ahead_of_boot_us = kept->ahead_of_boot_us;
    return offsets;
}

struct ClockKeeper::Impl {
    explicit Impl(storage::Disk& disk_in) : disk(disk_in) {
        thread = std::thread([this] { loop(); });
    }

    ~Impl() {
        {
            std::lock_guard lock(mutex);
            stopping = true;
        }
        arrived.notify_one();
        thread.join();
    }

    void loop();

    storage::Disk& disk;
    const std::string boot = name_of_boot();
    std::optional<replica::ClockOffsets> asked;  // last; of the owner

    std::mutex mutex;  // guards all below
    std::condition_variable arrived;
    std::optional<storage::KeptClock> wanted;
    bool stopping = false;

    std::thread thread;
};

void ClockKeeper::Impl::loop() {
    std::unique_lock lock(mutex);
    for (;;) {
        arrived.wait(lock, [this] { return stopping || wanted; });
        if (!wanted) return;
        const storage::KeptClock clock = *std::exchange(wanted, std::nullopt);
        lock.unlock();
        if (auto kept = storage::replace_kept_clock(disk, clock); !kept)
            log::warn("the cluster's clock could not be kept for the next start: " +
                      kept.error().message);
        lock.lock();
    }
}

ClockKeeper::ClockKeeper(storage::Disk& disk) : impl_(std::make_unique<Impl>(disk)) {}
ClockKeeper::~ClockKeeper() = default;

void ClockKeeper::keep(const replica::ClockOffsets& offsets) {
    Impl& my = *impl_;
    if (!offsets.ahead_of_boot_us) return;
    if (my.asked && are_close(*my.asked->ahead_of_boot_us, *offsets.ahead_of_boot_us) &&
        are_close(my.asked->ahead_of_wall_us, offsets.ahead_of_wall_us))
        return;
    my.asked = offsets;
    {
        std::lock_guard lock(my.mutex);
        my.wanted = {my.boot, *offsets.ahead_of_boot_us, offsets.ahead_of_wall_us};
    }
    my.arrived.notify_one();
}

}  // namespace raftkv::server
