#pragma once

#include <cstddef>
#include <string_view>

#include "cli/test/trace/trace.hpp"

// Runs as they might have been, made up by hand.

namespace raftkv::trace {

// Five nodes and three clients: an election, writes, a leader that is cut off and goes on by
// itself, a split vote, a crash, lost messages, and a broken invariant at the end.
Trace incident();

// A long quiet run of about so many events, with an election now and then; nothing fails.
Trace long_run(std::size_t events);

// Nothing happened, to nobody.
Trace empty_run();

// What somebody would write who wants a page to obey, or to break.
inline constexpr std::string_view hostile_text =
    "</script><img src=x onerror=\"window.obeyed=1\"><!-- <script> ' \" \\ & \x01\x1b[31m \x7f"
    "\xff\xfe\xc0\xaf \xe2\x80\xae \xed\xa0\x80 {{ */";

// The incident, with hostile_text in every place that takes a text.
Trace hostile_run();

}  // namespace raftkv::trace
