#pragma once

#include <functional>
#include <memory>

#include "common/result.hpp"
#include "node/server/membership_start.hpp"
#include "node/server/poller.hpp"

namespace raftkv::server {

// Asks somebody who the members are, on a thread of its own, once a second while that is wanted:
// all that this node knows may be gone by now, and it lets in nobody that it does not know.
class Inquiry {
  public:
    // `ask` may take a second; `told` is called on the thread of the event loop.
    Inquiry(std::function<Result<JoinAdvice>()> ask, Poller& poller,
            std::function<void(JoinAdvice)> told);
    ~Inquiry();

    // Call as often as you like.
    void want(bool wanted);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::server
