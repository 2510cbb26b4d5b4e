#include "node/server/short_slices.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <thread>

namespace raftkv::server {
namespace {

// sched_attr's runtime, of the calling thread: 24 bytes from its start.
std::uint64_t slice_ns() {
    std::array<unsigned char, 48> attributes{};
    if (::syscall(SYS_sched_getattr, 0, attributes.data(), attributes.size(), 0) != 0) return 0;
    std::uint64_t slice = 0;
    std::memcpy(&slice, attributes.data() + 24, sizeof(slice));
    return slice;
}

bool system_has_short_slices() {
    utsname system{};
    int major = 0, minor = 0;
    if (::uname(&system) != 0 || std::sscanf(system.release, "%d.%d", &major, &minor) != 2)
        return false;
    return major > 6 || (major == 6 && minor >= 12);
}

TEST(ShortSlices, AreOfTheThreadThatAsksAndLeaveItsPriorityAlone) {
    const std::uint64_t before = slice_ns();
    std::thread([] {
        const int nice = ::getpriority(PRIO_PROCESS, 0);
        ask_for_short_slices();
        EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), nice);
        if (system_has_short_slices()) {
            EXPECT_EQ(slice_ns(), 100'000u);
        }
    }).join();
    EXPECT_EQ(slice_ns(), before);
}

}  // namespace
}  // namespace raftkv::server
