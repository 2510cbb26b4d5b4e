#pragma once

#include <string>

#include "cli/test/trace/trace.hpp"

namespace raftkv::trace {

// The trace as one HTML file for a browser: it needs no server and no network, and whatever the
// trace says is shown as text and never obeyed.
std::string to_html(const Trace& trace);

}  // namespace raftkv::trace
