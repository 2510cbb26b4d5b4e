#pragma once

#include <cstddef>
#include <string>

#include "common/result.hpp"

namespace raftkv::cli::client {

// Reads a descriptor that others may keep open for long, such as a pipe. Every wait ends when
// `cancel_fd` is readable, with an error of kind interrupted.
class ByteInput {
  public:
    // Does not own the descriptors.
    ByteInput(int fd, int cancel_fd) : fd_(fd), cancel_fd_(cancel_fd) {}

    // Up to the next line end, without it. False at the end of the input. A line of more than
    // `limit` bytes is an error of kind usage.
    Result<bool> read_line(std::string& line, std::size_t limit);
    // All that is left; more than `limit` bytes are an error of kind usage.
    Result<std::string> read_all(std::size_t limit);

  private:
    Result<bool> fill();

    int fd_;
    int cancel_fd_;
    std::string buffer_;
    std::size_t scanned_ = 0;  // prefix of buffer_ known to hold no line end
    bool ended_ = false;
};

}  // namespace raftkv::cli::client
