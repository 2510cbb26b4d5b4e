#pragma once

#include <cstdint>

#include "common/protocol/reply.hpp"
#include "common/strong_types.hpp"
#include "node/raft/effects.hpp"
#include "node/raft/message.hpp"

// Everything that a replica needs of the world. node/server brings real clocks, disks and sockets;
// a simulation brings its own.

namespace raftkv::replica {

class Clock {
  public:
    virtual ~Clock() = default;
    virtual MonotonicMs monotonic() = 0;  // never goes back
    virtual WallMs wall() = 0;            // may jump
};

// The log, somewhere else: writes are done and synced in the order they were submitted, and each
// is answered by Replica::persisted with its sequence (or a later one that covers it).
class LogPort {
  public:
    virtual ~LogPort() = default;
    virtual void submit(raft::LogWrite write) = 0;
    // Answered by Replica::entries_fetched.
    virtual void fetch(const raft::EntryFetch& fetch) = 0;
};

// Best effort: a message may be lost, and is when the peer is not connected or its queue is full.
class NetworkPort {
  public:
    virtual ~NetworkPort() = default;
    virtual void send(NodeId to, const raft::Message& message) = 0;
};

// Names one command of one client connection.
struct ClientToken {
    std::uint64_t session = 0;
    std::uint64_t request = 0;  // counts up within the session
};

class ClientPort {
  public:
    virtual ~ClientPort() = default;
    // Exactly once for each submitted command, in any order. The reply's views are valid only
    // during the call. The session may be gone by then.
    virtual void reply(ClientToken client, const protocol::Reply& reply) = 0;
};

struct Ports {
    Clock& clock;
    LogPort& log;
    NetworkPort& network;
    ClientPort& clients;
};

}  // namespace raftkv::replica
