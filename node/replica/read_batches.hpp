#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol/request.hpp"
#include "common/strong_types.hpp"
#include "node/raft/effects.hpp"
#include "node/replica/ports.hpp"

namespace raftkv::replica {

struct WaitingRead {
    ClientToken client;
    protocol::Op op = protocol::Op::get;
    std::uint32_t key_start = 0;
    std::uint32_t key_bytes = 0;
};

// Reads that are answered together: they arrived in one turn.
struct ReadBatch {
    std::uint64_t id = 0;
    LogIndex index;  // to be answered once this is applied
    std::string keys;
    std::vector<WaitingRead> reads;

    void add(ClientToken client, protocol::Op op, std::string_view key);
    protocol::Request request(const WaitingRead& read) const;
    std::size_t bytes() const { return keys.size() + reads.size() * sizeof(WaitingRead); }
};

// Reads on their way through confirmation of leadership to being answered.
class ReadBatches {
  public:
    // The batch that this turn's reads go into.
    ReadBatch& gathering() { return gathering_; }
    // Ends the gathering; the id is what the core knows these reads by. There must be some.
    std::uint64_t begin();
    void confirmed(const raft::ReadReady& ready);
    // Reads that wait for an index without asking anybody again.
    void wait_for(LogIndex index, ReadBatch batch);

    // A confirmed batch whose index is applied, if there is one.
    bool take_answerable(LogIndex applied, ReadBatch& batch);
    // For the next reads to go into its memory.
    void reuse(ReadBatch answered);
    // Everything that is not answered yet, gathering or asked or confirmed, oldest first.
    std::vector<ReadBatch> take_all();

    std::size_t size() const { return size_; }
    std::size_t bytes() const { return bytes_; }

  private:
    void count(const ReadBatch& batch);
    void uncount(const ReadBatch& batch);

    ReadBatch gathering_, spare_;
    std::deque<ReadBatch> asked_;  // ascending ids
    std::deque<ReadBatch> confirmed_;
    std::uint64_t last_id_ = 0;
    std::size_t size_ = 0;   // of asked_ and confirmed_
    std::size_t bytes_ = 0;  // likewise
};

}  // namespace raftkv::replica
