#pragma once

#include <chrono>
#include <string>

namespace raftkv::test {

// Says on stderr how far something is: on a terminal a line that is replaced ten times a second,
// elsewhere a line every ten seconds.
class LiveLine {
  public:
    LiveLine();
    LiveLine(const LiveLine&) = delete;
    LiveLine& operator=(const LiveLine&) = delete;
    ~LiveLine() { clear(); }

    void show(const std::string& text);
    // Takes the line away.
    void clear();

  private:
    const bool on_terminal_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point next_;
};

}  // namespace raftkv::test
