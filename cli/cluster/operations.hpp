#pragma once

#include <functional>
#include <memory>

#include "cli/cluster/control_server.hpp"
#include "cli/cluster/event_log.hpp"
#include "cli/cluster/fleet.hpp"

// What takes more than one step: a command and the wait until it is true, a rolling restart, the
// end of everything.

namespace raftkv::cli {

class Operations {
  public:
    // All arguments outlive this object, which outlives the running of the io_context.
    Operations(boost::asio::io_context& context, Fleet& fleet, EventLog& events);
    ~Operations();

    // Carries out a request with ControlVerb::node and answers the client when it is done.
    void begin(std::shared_ptr<ControlSession> client, const ControlRequest& request);

    // Stops all nodes, the leader last so that nobody is elected meanwhile, then calls `done`.
    // May be called again while it goes on: every `done` is called at the end.
    void shut_down(std::function<void()> done);
    bool is_shutting_down() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::cli
