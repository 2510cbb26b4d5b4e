#pragma once

#include <memory>

namespace boost::asio {
class io_context;
}

namespace raftkv::server {

struct Readiness {
    bool readable = false;
    bool writable = false;
    bool hung_up =
        false;  // an error, or both directions are closed: reported whatever was asked for
};

class Pollable {
  public:
    // May be called once more in the same round after Poller::remove: owners of sockets keep the
    // object until the end of the turn.
    virtual void on_ready(Readiness ready) = 0;

  protected:
    ~Pollable() = default;
};

// Which readiness is wanted. Level triggered, unless `edge`: then each new event is told once.
// What is `urgent` does not wait for a crowd of others; it may be told of an event twice.
struct Interest {
    bool read = false;
    bool write = false;
    bool edge = false;
    bool urgent = false;

    bool operator==(const Interest&) const = default;
};

// The sockets that carry requests and peer messages, in one epoll set that the event loop watches
// as a single descriptor. Asio's own waiting costs one more system call per message (it re-arms
// each descriptor, or tries a read that finds nothing); here a waiting socket costs nothing, and
// all that became ready together is handled in one call, which makes the batch of the turn.
class Poller {
  public:
    explicit Poller(boost::asio::io_context& io);
    ~Poller();

    // False when the system has no room for another watch.
    [[nodiscard]] bool add(int fd, Pollable& target, Interest interest);
    void change(int fd, Pollable& target, Interest interest);
    void remove(int fd);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::server
