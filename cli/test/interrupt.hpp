#pragma once

#include <chrono>

#include "cli/test/cancellation.hpp"
#include "common/result.hpp"

namespace raftkv::test {

// Ctrl-C (and SIGTERM, SIGHUP) as something that can be waited for. The first one asks everybody
// to stop; the second ends the process at once, and the kernel ends its children.
class Interrupt {
  public:
    // Takes the signals over for the life of this object; there is one at a time.
    Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    ~Interrupt();

    bool requested() const { return cancellation_.requested(); }
    // Readable once requested.
    int descriptor() const { return cancellation_.descriptor(); }

    // Returns after `time`, or at once with an Error of kind interrupted when that is requested.
    Result<void> pause_for(std::chrono::milliseconds time) const;

  private:
    Cancellation cancellation_;
};

}  // namespace raftkv::test
