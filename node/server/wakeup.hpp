#pragma once

#include <functional>

#include "node/server/poller.hpp"

namespace raftkv::server {

// Lets another thread wake the event loop up. It comes with the sockets of the poller, so what
// another thread has done and what the network brought make one turn.
class Wakeup final : public Pollable {
  public:
    Wakeup(Poller& poller, std::function<void()> on_wakeup);
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;
    ~Wakeup();

    // Any thread. `on_wakeup` will be called on the thread of the loop, once for many calls or more
    // often.
    void notify();

    void on_ready(Readiness ready) override;

  private:
    const std::function<void()> on_wakeup_;
    int fd_;
};

}  // namespace raftkv::server
