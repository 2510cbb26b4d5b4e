#pragma once

#include <cmath>

namespace raftkv::bench {

// To three decimals: what JSON of a measurement says.
inline double milli(double value) {
    return std::round(value * 1000) / 1000;
}

}  // namespace raftkv::bench
