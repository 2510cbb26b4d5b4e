#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

namespace raftkv::test {

// Counts what a check does, and says when it has to end.
class StepCounter {
  public:
    // `go_on` is asked every now and then.
    StepCounter(std::uint64_t limit, std::function<bool()> go_on)
        : limit_(limit), final_limit_(limit), go_on_(std::move(go_on)) {}

    std::uint64_t used() const { return used_; }
    std::uint64_t left() const { return final_limit_ - std::min(used_, final_limit_); }
    bool stopped() const { return stopped_; }

    // The next part of the work may take so many steps, and no more than are left in all.
    void begin_part(std::uint64_t steps) { limit_ = used_ + std::min(steps, left()); }

    // False when this part has to end.
    bool spend(std::uint64_t steps) {
        used_ += steps;
        if (used_ >= next_question_ && !stopped_) {
            next_question_ = used_ + between_questions;
            stopped_ = go_on_ && !go_on_();
        }
        return !stopped_ && used_ <= limit_;
    }

  private:
    static constexpr std::uint64_t between_questions = 100'000;

    std::uint64_t used_ = 0;
    std::uint64_t limit_;
    std::uint64_t final_limit_;
    std::uint64_t next_question_ = between_questions;
    bool stopped_ = false;
    std::function<bool()> go_on_;
};

}  // namespace raftkv::test
