#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "cli/test/checker/step_counter.hpp"
#include "cli/test/history/expiry.hpp"
#include "cli/test/history/history.hpp"

namespace raftkv::test {

// The answers that rule out every order of one key, made fewer. An answer that is given up leaves
// a read that was never done, or a write that may have been done at any time, or never. So what
// remains rules out every order for certain; and none of it could be given up as well.
class Evidence {
  public:
    Evidence(const History& history, std::string_view key, const Limits& limits,
             StepCounter& steps);

    // False when the answers at hand do not rule out every order, or not within the steps.
    bool shrink();

    // The operations whose answers remain, by start.
    std::vector<const Operation*> operations() const;
    std::size_t given_up() const;

  private:
    bool rules_out_every_order() const;
    void give_up_chunks(std::size_t size);
    void add_witnesses(const History& history);

    std::string_view key_;
    const Limits& limits_;
    StepCounter& steps_;
    std::vector<const Operation*> pool_;
    std::vector<char> kept_;  // beside each
};

}  // namespace raftkv::test
