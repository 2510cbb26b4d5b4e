#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/strong_types.hpp"
#include "node/replica/replica.hpp"

namespace raftkv::server {

// How far a node is that ends in good order: it hands its leadership over, tells its clients who
// leads now, and goes when they have seen the end of their connections, or after two seconds. Pure:
// it is told everything, the time too.
class Farewell {
  public:
    // A successor that is not there after so long is not waited for.
    explicit Farewell(std::int64_t hand_over_within_ms)
        : hand_over_within_ms_(hand_over_within_ms) {}

    bool has_begun() const { return begun_.has_value(); }
    void begin(MonotonicMs now, bool leads);
    // There is nobody to hand over to: clients are told at once who leads.
    void begin_with_redirects(MonotonicMs now);
    // Told twice: it goes now.
    void hurry() { begun_ = MonotonicMs(0); }

    bool is_late(MonotonicMs now) const;
    // Whoever led stays for its clients until it has told them who leads now: one that is in the
    // middle of a command when its connection ends cannot know what became of it.
    bool hands_over(MonotonicMs now, const replica::Standing& standing);
    // To be asked when it does not hand over any more, and connections are being closed, of which
    // `unfinished` have yet to be told something.
    bool is_over(MonotonicMs now, std::size_t unfinished, std::size_t connections);

  private:
    const std::int64_t hand_over_within_ms_;
    std::optional<MonotonicMs> begun_;
    bool led_ = false;  // when it began
    std::optional<MonotonicMs> redirects_since_;
    std::optional<MonotonicMs> said_all_since_;
};

}  // namespace raftkv::server
