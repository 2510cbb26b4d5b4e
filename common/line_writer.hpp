#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace raftkv::log {

// Writes lines to a descriptor on a thread of its own: whoever has something to say never waits for
// a pipe that nobody reads, a terminal that was stopped or a disk. What waits is bounded; lines
// beyond that are dropped, and so are those that cannot be written. How many were lost is told in
// their place as soon as the descriptor takes lines again.
class LineWriter {
  public:
    static constexpr std::size_t max_waiting_bytes = 1 << 20;

    // The descriptor stays the caller's, and open for as long as the process lives.
    explicit LineWriter(int fd);
    ~LineWriter();
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    // `line` has its end.
    void write(std::string line);

    // Where the descriptor is a file, opens that file anew under the name that it had when this
    // writer was made. For who renames logs and wants to go on with new ones.
    void reopen();

    // Waits until all lines are written, at most so long; false when some are left.
    bool drain(std::chrono::milliseconds at_most);

  private:
    struct State;
    std::shared_ptr<State> state_;  // its thread may outlive this, in a write that does not return
};

}  // namespace raftkv::log
