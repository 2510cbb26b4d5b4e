#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "common/result.hpp"
#include "node/server/membership_start.hpp"

namespace raftkv::server {

// Asks somebody who the members are, on a thread of its own, once a second while that is wanted:
// all that this node knows may be gone by now, and it lets in nobody that it does not know.
class Inquiry {
  public:
    // `ask` may take seconds; `answered` is called on that thread, when there is something to take.
    Inquiry(std::function<Result<JoinAdvice>()> ask, std::function<void()> answered);
    ~Inquiry();

    // Call as often as you like.
    void want(bool wanted);
    std::optional<JoinAdvice> take();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::server
