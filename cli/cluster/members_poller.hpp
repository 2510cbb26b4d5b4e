#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "cli/admin/members.hpp"
#include "common/config.hpp"

namespace boost::asio {
class io_context;
}

namespace raftkv::cli {

// Asks the nodes again and again who belongs to the cluster, in a thread of its own.
class MembersPoller {
  public:
    // Called on the io_context's thread.
    using OnMembers = std::function<void(MembersView view)>;

    MembersPoller(boost::asio::io_context& context, std::vector<ServerConfig> servers,
                  OnMembers on_members);
    // Waits for the thread: as long as one question takes.
    ~MembersPoller();

    // Whom to ask from now on.
    void set_servers(std::vector<ServerConfig> servers);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::cli
