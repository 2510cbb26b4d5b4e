#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "common/protocol/request.hpp"
#include "node/replica/replica.hpp"

// Three replicas in one thread: all of a write or a read but sockets, files and waiting. Messages
// cross as bytes, in one piece a turn and receiver; a disk has done what it was given by the turn
// after, and keeps nothing. For measuring.

namespace raftkv::benchmark {

class Trio;

// One of them, with what it needs of the world.
class TrioMember final : public replica::LogPort,
                         public replica::NetworkPort,
                         public replica::ClientPort,
                         public replica::SnapshotPort {
  public:
    TrioMember(Trio& trio, NodeId id);
    ~TrioMember() override;

    replica::Replica& replica() { return *replica_; }
    // A turn of its event loop. False when there was nothing to do.
    bool turn();
    void hear(NodeId from, std::string_view frames);

    void submit(raft::LogWrite write) override { written_ = write.sequence; }
    void fetch(const raft::EntryFetch& fetch) override;
    void send(NodeId to, const raft::Message& message) override;
    void reply(replica::ClientToken client, const protocol::Reply& reply) override;

    void begin(const raft::SnapshotId& id, std::string members) override;
    void add(std::string chunk) override;
    void end() override;
    void give_up() override;
    std::size_t waiting_bytes() const override { return 0; }
    void store(const raft::SnapshotPiece& piece) override;
    void fetch(const raft::SnapshotFetch& fetch) override;
    void discard(const raft::SnapshotId& id) override;
    void dispose(kv::Store store) override;

  private:
    Trio& trio_;
    const NodeId id_;
    std::unique_ptr<replica::Replica> replica_;
    std::uint64_t written_ = 0, durable_ = 0;  // sequences
    std::array<std::string, 3> arrived_;       // frames, by sender
};

class Trio final : public replica::Clock {
  public:
    // With a leader that serves.
    Trio();

    MonotonicMs monotonic() override { return MonotonicMs(now_ms_); }
    BootUs boot() override { return BootUs(now_ms_ * 1000); }
    WallMs wall() override { return WallMs(now_ms_); }

    // A command for the leader; it is carried out by settle(), with all others since the last one.
    void submit(const protocol::Request& request);
    // Turns until nothing is left to do.
    void settle();
    std::uint64_t answered() const { return answered_; }

  private:
    friend class TrioMember;

    std::int64_t now_ms_ = 1000;
    std::array<std::unique_ptr<TrioMember>, 3> members_;
    std::size_t leader_ = 0;
    std::uint64_t submitted_ = 0, answered_ = 0;
    std::string replies_;  // as they would go out to clients
};

}  // namespace raftkv::benchmark
