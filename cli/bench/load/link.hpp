#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/bench/load/operations.hpp"
#include "common/descriptor.hpp"

namespace raftkv::bench {

// One connection of the load: the operations in flight on it, in order, and the bytes of both
// directions that the socket has not taken or that are no whole reply yet.
class Link {
  public:
    explicit Link(std::size_t pipeline) : flights_(pipeline) {}

    // A socket that is connected to servers[server]. Nothing is in flight.
    void open(Descriptor socket, std::size_t server, std::int64_t now_ns);
    void close();
    bool is_open() const { return socket_.get() >= 0; }
    int fd() const { return socket_.get(); }
    std::size_t server() const { return server_; }

    bool has_room() const { return !leaving_ && is_open() && in_flight() < flights_.size(); }
    std::size_t in_flight() const { return static_cast<std::size_t>(sent_ - answered_); }
    const Operation& first() const { return flights_[answered_ % flights_.size()]; }
    // The operation goes with the next flush; its bytes were appended to out().
    void push(const Operation& operation) { flights_[sent_++ % flights_.size()] = operation; }
    Operation pop() { return flights_[answered_++ % flights_.size()]; }

    // Takes no more operations: it will be closed when those in flight are answered.
    void leave() { leaving_ = true; }
    bool is_left() const { return leaving_ && in_flight() == 0; }

    std::string& out() { return out_; }
    bool has_output() const { return !out_.empty(); }
    // One write of it; the socket may take less. False when the connection is lost.
    bool flush();

    // One read: the bytes that were no whole reply yet, with what came. Valid until consume().
    struct Input {
        bool lost = false;
        std::string_view bytes{};
    };
    Input read(std::vector<char>& chunk, std::int64_t now_ns);
    // What of it is done with.
    void consume(std::string_view input, std::size_t consumed);
    std::int64_t last_heard_ns() const { return last_heard_ns_; }

    bool waits_to_send = false;  // as epoll was told

  private:
    Descriptor socket_;
    std::size_t server_ = 0;
    std::vector<Operation> flights_;  // a ring
    std::uint64_t sent_ = 0, answered_ = 0;
    std::string in_, out_;
    bool leaving_ = false;
    std::int64_t last_heard_ns_ = 0;
};

}  // namespace raftkv::bench
