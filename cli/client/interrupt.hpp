#pragma once

#include <csignal>

#include "cli/command_line/standard_output.hpp"
#include "common/descriptor.hpp"

namespace raftkv::cli::client {

// While one lives, Ctrl-C (SIGINT) makes fd() readable instead of ending the process, and ends
// waiting for stdout. One at a time in a process.
class Interrupt {
  public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    // To be watched by whatever blocks; stays readable until forget().
    int fd() const { return event_.get(); }
    bool happened() const;
    void forget();

  private:
    Descriptor event_;
    struct sigaction before_ {};
    CancelOutput output_;
};

}  // namespace raftkv::cli::client
