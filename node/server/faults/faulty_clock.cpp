#include "node/server/faults/faulty_clock.hpp"

#include "common/check.hpp"

namespace raftkv::server {

namespace {

constexpr std::int64_t whole_rate = 10'000;

}  // namespace

FaultyClock::FaultyClock(replica::Clock& real)
    : real_(real),
      monotonic_{real.monotonic(), real.monotonic()},
      boot_{real.boot(), real.boot()} {}

template <class Time>
Time FaultyClock::Shown<Time>::at(Time real, std::int64_t rate) const {
    const std::int64_t passed = real - changed;
    return shown + passed + passed * rate / whole_rate;
}

void FaultyClock::set_rate(std::int64_t hundredths) {
    RAFTKV_CHECK(hundredths > -whole_rate);
    const MonotonicMs monotonic = real_.monotonic();
    const BootUs boot = real_.boot();
    monotonic_ = {monotonic, monotonic_.at(monotonic, rate_)};
    boot_ = {boot, boot_.at(boot, rate_)};
    rate_ = hundredths;
}

MonotonicMs FaultyClock::monotonic() {
    return monotonic_.at(real_.monotonic(), rate_);
}

BootUs FaultyClock::boot() {
    return boot_.at(real_.boot(), rate_);
}

WallMs FaultyClock::wall() {
    const MonotonicMs real = real_.monotonic();
    return real_.wall() + jump_ms_ + (monotonic_.at(real, rate_) - real);
}

}  // namespace raftkv::server
