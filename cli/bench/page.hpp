#pragma once

#include <string>

#include "cli/bench/report.hpp"

namespace raftkv::bench {

// The report as one HTML file for a browser: it needs no server and no network, and whatever the
// report says is shown as text and never obeyed.
std::string as_page(const Report& report);

}  // namespace raftkv::bench
