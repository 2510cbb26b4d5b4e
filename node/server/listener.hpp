#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/result.hpp"

namespace boost::asio {
class io_context;
}

namespace raftkv::server {

// Accepts connections on one port, on every address that the host name resolves to. One that does
// not resolve yet, as while a machine starts, is tried again for ever, and reported.
class Listener {
  public:
    // Takes the addresses, as far as they are found within a second; nobody can connect yet.
    // `purpose` is the key of config.json, for error messages. A port that is in use is an error of
    // kind usage that says who has it. `on_accept` becomes the owner of a non-blocking socket, and
    // `on_turned_away` of one for which there is no descriptor: it must be closed before it
    // returns. Without that it is closed.
    static Result<std::unique_ptr<Listener>> open(boost::asio::io_context& io,
                                                  const std::string& host, std::uint16_t port,
                                                  const std::string& purpose,
                                                  std::function<void(int fd)> on_accept,
                                                  std::function<void(int fd)> on_turned_away = {});
    ~Listener();

    // What may come later; before start().
    struct Calls {
        std::function<void(const Error&)> failed = {};  // a name was found late, and of no use
        // A name that is none of loopback means nothing else: no other machine can connect.
        std::function<void(const std::string& address)> on_loopback_only = {};
    };
    void set_calls(Calls calls);

    // Begins to accept. The io_context must not run once this is destroyed.
    Result<void> start();
    // Takes no more connections.
    void stop();

  private:
    struct Impl;
    explicit Listener(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::server
