#pragma once

#include <gtest/gtest.h>

#include "node/replica/ports.hpp"

namespace raftkv::replica {

// For worlds whose logs never grow so long that a snapshot is due.
class NoSnapshots final : public SnapshotPort {
  public:
    void begin(const raft::SnapshotId&, std::string) override { FAIL() << "a snapshot was begun"; }
    void add(std::string) override { FAIL() << "a snapshot was written"; }
    void end() override { FAIL() << "a snapshot was ended"; }
    void give_up() override { FAIL() << "a snapshot was given up"; }
    std::size_t waiting_bytes() const override { return 0; }
    void store(const raft::SnapshotPiece&) override { FAIL() << "a snapshot came in"; }
    void fetch(const raft::SnapshotFetch&) override { FAIL() << "a snapshot was read"; }
    void discard(const raft::SnapshotId&) override { FAIL() << "a snapshot was discarded"; }
    void dispose(kv::Store) override { FAIL() << "a store was replaced"; }
};

}  // namespace raftkv::replica
