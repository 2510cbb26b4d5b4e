#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/protocol/reply.hpp"
#include "common/strong_types.hpp"
#include "common/time_types.hpp"
#include "node/kv/store.hpp"
#include "node/raft/effects.hpp"
#include "node/raft/message.hpp"

// Everything that a replica needs of the world. node/server brings real clocks, disks and sockets;
// a simulation brings its own.

namespace raftkv::replica {

class Clock {
  public:
    virtual ~Clock() = default;
    virtual MonotonicMs monotonic() = 0;  // never goes back
    virtual BootUs boot() = 0;            // likewise, and goes on while the machine sleeps
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

// The files of snapshots, somewhere else; what is asked is done in the order it was asked.
class SnapshotPort {
  public:
    virtual ~SnapshotPort() = default;

    // The cluster whose identity snapshots carry from now on.
    virtual void belong_to(std::uint64_t cluster) { (void)cluster; }

    // One of our own: begin, chunks, end. Answered by Replica::snapshot_written once its file is in
    // its place, or by Replica::snapshot_failed; not after give_up().
    virtual void begin(const raft::SnapshotId& id, std::string members) = 0;
    virtual void add(std::string chunk) = 0;
    virtual void end() = 0;
    virtual void give_up() = 0;
    // Bytes of chunks that wait: while they are many, no more are added.
    virtual std::size_t waiting_bytes() const = 0;

    // A piece of somebody else's. Answered by Replica::snapshot_stored; after the last one, once
    // all is verified, in its place and loaded, by Replica::snapshot_received; when it is damaged
    // or there is no space, by Replica::snapshot_lost.
    virtual void store(const raft::SnapshotPiece& piece) = 0;
    // Answered by Replica::snapshot_fetched, or by snapshot_unreadable. What is given was verified.
    virtual void fetch(const raft::SnapshotFetch& fetch) = 0;

    // A file in its place that does not count, and never will.
    virtual void discard(const raft::SnapshotId& id) = 0;
    // To be freed where that may take its time.
    virtual void dispose(kv::Store store) = 0;
};

struct Ports {
    Clock& clock;
    LogPort& log;
    SnapshotPort& snapshots;
    NetworkPort& network;
    ClientPort& clients;
};

}  // namespace raftkv::replica
