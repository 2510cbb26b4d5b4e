#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace raftkv::server {

// What arrived on one connection and is not parsed yet. Bytes are read into a scratch area that all
// connections share; only an unfinished rest moves into memory of the connection, so an idle
// connection owns none.
class InputBuffer {
  public:
    enum class Fill { more, nothing, end, broken };

    // Reads once. `scratch` must stay as it is until settle().
    Fill fill(int fd, std::span<char> scratch);
    std::string_view pending() const { return pending_; }
    void consume(std::size_t count) { pending_.remove_prefix(count); }
    // Parsing is over for now: keeps what is left.
    void settle();
    // Gives memory back that a large command needed.
    void shrink();

  private:
    std::string rest_;
    std::string_view pending_;  // inside rest_, or between fill() and settle() inside the scratch
};

// What is to leave on one connection.
class OutputBuffer {
  public:
    enum class Flush { done, blocked, broken };

    // Append to it what is to be sent; do nothing else with it.
    std::string& tail() { return bytes_; }
    std::size_t unsent() const { return bytes_.size() - sent_; }
    // One attempt to write everything. `blocked`: try again when the socket is writable.
    Flush flush(int fd);
    void clear();
    void shrink();

  private:
    std::string bytes_;
    std::size_t sent_ = 0;  // of bytes_
};

}  // namespace raftkv::server
