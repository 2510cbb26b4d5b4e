#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace raftkv::server {

// Makes one TCP connection after another to an address: resolves, connects, and tries again with a
// growing, random wait from 20 ms to 1 s. A name that does not resolve is tried for ever; where it
// takes long or fails, what it meant before is good enough.
class Dialer {
  public:
    // `on_connected` becomes the owner of a non-blocking socket.
    Dialer(boost::asio::io_context& io, std::string host, std::uint16_t port,
           std::function<void(int fd)> on_connected);
    ~Dialer();

    // Makes the first connection, at once.
    void start();
    // The last connection is gone: makes the next one, after a wait. `healthy`: the last one was of
    // use, so begin with the shortest.
    void again(bool healthy);
    // There is reason to believe that the other side is up: ends a wait.
    void hurry();

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;  // shared with what is under way
};

}  // namespace raftkv::server
