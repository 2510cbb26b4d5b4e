#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "cli/cluster/control_protocol.hpp"
#include "common/result.hpp"

namespace boost::asio {
class io_context;
}

// The supervisor's end of its socket. All of it runs on the io_context's one thread.

namespace raftkv::cli {

// A client that has made a request and waits for replies.
class ControlSession {
  public:
    virtual ~ControlSession() = default;
    // After the last reply (ControlReply::is_last) the client may make its next request. A client
    // that does not read is cut off once a bounded number of bytes waits for it.
    virtual void send(const ControlReply& reply) = 0;
    // Calls back once all that was sent is on its way, or nobody is there to read it: at once, if
    // that is so now. One callback at a time.
    virtual void when_sent(std::function<void()> then) = 0;
    // False once the client has gone or was cut off; sends go nowhere then.
    virtual bool is_open() const = 0;
};

class ControlServer {
  public:
    // Must see to it that a last reply is sent, at once or later.
    using Handler =
        std::function<void(std::shared_ptr<ControlSession> client, const ControlRequest& request)>;

    // Replaces a socket that an earlier supervisor left: call it with the lock held. Only this
    // user may connect (mode 0600 before the first client can).
    static Result<std::unique_ptr<ControlServer>> listen(boost::asio::io_context& context,
                                                         const std::filesystem::path& socket,
                                                         Handler handler);
    // Stops listening and removes the socket. Sessions write what they still have to.
    ~ControlServer();

  private:
    class Listener;
    explicit ControlServer(std::shared_ptr<Listener> listener);
    std::shared_ptr<Listener> listener_;
};

}  // namespace raftkv::cli
