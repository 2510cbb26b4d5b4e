#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace raftkv::test {

// Tells how a scenario goes. On a terminal: a bar with a live line under the steps that are done.
// Elsewhere: one plain line for each thing that happens.
class Progress {
  public:
    struct Screen {
        std::function<void(const std::string&)> write;
        std::function<std::size_t()> columns;  // the width now; 0: no terminal
    };

    explicit Progress(Screen screen) : screen_(std::move(screen)) {}
    // Writes to stderr.
    static Progress on_stderr();

    // A scenario begins, which will tick() so often.
    void begin(const std::string& scenario, const std::string& about, std::size_t ticks);
    // A step begins. It ends with the next one, or with end().
    void step(const std::string& what);
    // What the step is at; on a terminal it replaces what was said before.
    void live(const std::string& what);
    // A part of the scenario is done: the bar moves.
    void tick();
    void end(bool passed);
    // Whether what is live is replaced by what comes next.
    bool on_terminal() const { return screen_.columns() > 0; }

  private:
    using Clock = std::chrono::steady_clock;

    void finish_step(bool passed);
    void draw();

    Screen screen_;
    std::string scenario_;
    std::string step_;
    std::string live_;
    std::size_t ticks_ = 0;
    std::size_t done_ = 0;
    Clock::time_point step_began_;
};

}  // namespace raftkv::test
