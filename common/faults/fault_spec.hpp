#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/strong_types.hpp"

// What can be made to go wrong at one node, and how it is written: by people, on the node's control
// socket and in its status.

namespace raftkv {

enum class FaultKind {
    cut,         // messages vanish; the connection stays open and silent
    delay,       // messages come later, in their order
    drop,        // some messages vanish
    disk_full,   // no space for anything new
    slow_disk,   // each sync takes longer
    stall_disk,  // no sync returns
    fail_disk,   // the next sync fails, and the node ends
    clock_jump,  // the wall clock is wrong
    clock_rate,  // both clocks run too fast or too slow
};

enum class FaultDirection { to, from };

struct FaultSpec {
    FaultKind kind = FaultKind::cut;
    // Of cut, delay and drop: messages to or from this peer; without one, every peer.
    FaultDirection direction = FaultDirection::to;
    std::optional<NodeId> peer;
    // delay, slow_disk, clock_jump: milliseconds. drop, clock_rate: hundredths of a percent. Only
    // those of a clock may be negative.
    std::int64_t amount = 0;
    // Lifts itself after so many milliseconds; without it, only when it is told.
    std::optional<std::int64_t> lasts_ms;

    bool operator==(const FaultSpec&) const = default;
};

// Of one node, as words:
//   cut to|from <id>|all          delay <time> to|from <id>|all     drop <percent> to|from <id>|all
//   disk-full                     slow-disk <time>                  stall-disk
//   fail-disk                     clock <time>                      clock-rate <percent>
// and for how long: for <time>. Times are like 80ms, 10s, 2m and 1h, percents like 5% and 0.25%,
// and those of a clock have a sign: +30s, -5%. Any words are answered; errors are of kind usage and
// say what was expected.
Result<FaultSpec> parse_fault(std::span<const std::string> words);
// Words with blanks between them.
Result<FaultSpec> parse_fault_text(std::string_view text);

// Words that parse_fault understands, with the duration: "delay 80ms to 2 for 10s".
std::string to_text(const FaultSpec& fault);

// The same fault with another amount or duration takes the place of the one before.
bool same_place(const FaultSpec& one, const FaultSpec& other);

// What one column of a table can take: "cut to 0,1; slow-disk 50ms (7s)". In brackets how much
// longer, where it ends by itself.
std::string summary_of(const std::vector<FaultSpec>& faults);

}  // namespace raftkv
