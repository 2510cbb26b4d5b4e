#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/protocol/reply.hpp"
#include "node/replica/ports.hpp"
#include "node/server/client_limits.hpp"
#include "node/server/client_session.hpp"
#include "node/server/log_limiter.hpp"
#include "node/server/poller.hpp"

namespace raftkv::server {

// All client connections of a node.
class ClientHub final : public replica::ClientPort {
  public:
    ClientHub(Poller& poller, CommandSink& commands, const ClientLimits& limits, MonotonicMs now);
    ~ClientHub();

    // Takes over an accepted socket, which is non-blocking; turns it away when there are too many.
    void adopt(int fd);
    // Says on the socket that there are too many, closes it, and counts it.
    void turn_away(int fd);
    void reply(replica::ClientToken client, const protocol::Reply& reply) override;

    // Sends the replies of the turn, one write a connection, and goes on with connections that were
    // held back. True when there were some: then another turn is due at once.
    bool end_of_turn();
    // While paused, nothing is submitted and sockets are not read. Call before end_of_turn().
    void set_paused(bool paused) { context_.paused = paused; }
    // Often: moves the sessions' clock and checks the time limits of some of them, so that each is
    // looked at about once in so many calls.
    static constexpr std::size_t sweeps_for_all = 20;
    void sweep(MonotonicMs now);
    // No more commands are taken; connections close when what they wait for is answered.
    void finish();

    std::size_t connections() const { return connections_; }
    std::size_t max_connections() const { return context_.limits.max_connections; }
    std::uint64_t turned_away() const { return turned_away_; }
    // What they hold: half commands, and replies on their way.
    std::size_t buffered_bytes() const { return context_.buffered_bytes; }
    // Connections that are still owed something, after finish().
    std::size_t unfinished() const;

  private:
    // A session is named by its slot and by how often the slot was used, so that a late reply
    // never reaches a stranger.
    struct Slot {
        std::unique_ptr<ClientSession> session;
        std::uint32_t use = 0;
    };

    ClientSession* find(std::uint64_t id);
    std::uint32_t free_slot();
    void flush_dirty();
    bool resume_held_back();
    void destroy_closed();

    std::string scratch_;
    SessionContext context_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_slots_;
    std::size_t connections_ = 0;
    std::uint64_t turned_away_ = 0;
    LogLimiter limiter_;
    std::vector<ClientSession*> round_;  // the list being worked off, while sessions fill the next
    std::size_t next_swept_ = 0;         // of slots_
};

}  // namespace raftkv::server
