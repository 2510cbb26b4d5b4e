#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/protocol/request.hpp"
#include "node/kv/command.hpp"
#include "node/replica/ports.hpp"

namespace raftkv::replica {

// The write commands of one turn, encoded once, one after another, in one block of bytes that the
// log, the peers' messages and the state machine will share.
class ProposalBatch {
  public:
    void add(ClientToken client, const kv::Command& command);

    bool empty() const { return clients_.empty(); }
    std::size_t bytes() const { return block_.size(); }
    const std::vector<ClientToken>& clients() const { return clients_; }

    // The commands as slices of a block that they now share, and that is no larger than they are:
    // the log keeps it for a while. The batch keeps the clients.
    std::vector<SharedBytes> seal();
    void clear();

  private:
    std::string block_;
    std::vector<std::size_t> ends_;  // where each command ends in block_
    std::vector<ClientToken> clients_;
};

kv::Command command_of(const protocol::Request& request, ClusterMs stamp);
// The other way round, for a command that could not be proposed after all.
protocol::Request request_of(const kv::Command& command);

}  // namespace raftkv::replica
