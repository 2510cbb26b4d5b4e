#include "node/server/faults/faulty_clock.hpp"

#include "common/check.hpp"

namespace raftkv::server {

namespace {

constexpr std::int64_t whole_rate = 10'000;

}  // namespace

FaultyClock::FaultyClock(replica::Clock& real)
    : real_(real), changed_(real.monotonic()), shown_(changed_) {}

void FaultyClock::set_rate(std::int64_t hundredths) {
    RAFTKV_CHECK(hundredths > -whole_rate);
    MonotonicMs now = real_.monotonic();
    shown_ = at(now);
    changed_ = now;
    rate_ = hundredths;
}

MonotonicMs FaultyClock::at(MonotonicMs real) const {
    std::int64_t passed = real - changed_;
    return shown_ + passed + passed * rate_ / whole_rate;
}

MonotonicMs FaultyClock::monotonic() {
    return at(real_.monotonic());
}

WallMs FaultyClock::wall() {
    MonotonicMs real = real_.monotonic();
    return real_.wall() + jump_ms_ + (at(real) - real);
}

}  // namespace raftkv::server
