#include "cli/bench/load/key_picker.hpp"

#include <algorithm>
#include <cmath>

#include "common/check.hpp"

namespace raftkv::bench {
namespace {

constexpr double one_less = 1 - KeyPicker::exponent;

double height(double x) {
    return std::pow(x, -KeyPicker::exponent);
}

// The area below that curve up to x, and back.
double area(double x) {
    return (std::pow(x, one_less) - 1) / one_less;
}
double area_ends_at(double size) {
    return std::pow(std::max(size * one_less + 1, 0.0), 1 / one_less);
}

}  // namespace

KeyPicker::KeyPicker(std::uint64_t count, Distribution distribution)
    : count_(count), distribution_(distribution) {
    RAFTKV_CHECK(count > 0);
    area_from_ = area(1.5) - 1;
    area_to_ = area(static_cast<double>(count) + 0.5);
    sure_ = 2 - area_ends_at(area(2.5) - height(2));
}

std::uint64_t KeyPicker::next(Random& random) {
    switch (distribution_) {
        case Distribution::uniform:
            return random.below(count_);
        case Distribution::zipf:
            return zipf(random);
        case Distribution::in_turn:
            return turn_++ % count_;
    }
    check_failed("known Distribution", __FILE__, __LINE__);
}

// A point of the area, and the bar over whose foot it lies; taken when it lies in the bar, too.
std::uint64_t KeyPicker::zipf(Random& random) const {
    for (;;) {
        const double point = area_to_ + random.unit() * (area_from_ - area_to_);
        const double x = area_ends_at(point);
        const double k = std::clamp(std::floor(x + 0.5), 1.0, static_cast<double>(count_));
        if (k - x <= sure_ || point >= area(k + 0.5) - height(k)) {
            return static_cast<std::uint64_t>(k) - 1;
        }
    }
}

}  // namespace raftkv::bench
