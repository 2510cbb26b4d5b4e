#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "cli/test/checker/step_counter.hpp"
#include "cli/test/history/expiry.hpp"
#include "cli/test/history/history.hpp"

namespace raftkv::test {

// The answers that rule out every order of one key, made fewer and fewer. What is given up is only
// ever made weaker, in a way that leaves a correct history correct; so what remains rules out
// every order for certain.
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
    enum class Use : std::uint8_t {
        full,
        first,    // the put that everything else comes after, whatever it met
        as_open,  // a write that may have been done at any time from its start on, or never
        none,     // as if it had not been done
    };
    using Uses = std::vector<Use>;  // beside pool_

    struct Facts;
    static Facts facts_of(const std::vector<const Operation*>& pool);

    void add_witnesses(const History& history);
    bool rules_out_every_order(const Uses& uses) const;
    bool accept(const Uses& uses);

    void end_early();
    Uses ended_at(Instant end) const;
    void begin_late();
    Uses begun_with(std::size_t put, const Facts& facts) const;
    // Tries `size` operations at a time.
    void give_up(std::size_t size, bool with_writes);

    std::string_view key_;
    const Limits& limits_;
    StepCounter& steps_;
    std::vector<const Operation*> pool_;  // by start
    Uses uses_;
};

}  // namespace raftkv::test
