#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "common/protocol/request.hpp"
#include "common/strong_types.hpp"
#include "node/replica/ports.hpp"

namespace raftkv::replica {

// Commands that wait until a leader is known, in the order they came, each with its deadline.
class HeldCommands {
  public:
    struct Held {
        ClientToken client;
        MonotonicMs deadline;
        protocol::Op op = protocol::Op::get;
        std::uint32_t exptime_s = 0;
        std::uint64_t version = 0;
        std::string key;
        std::string value;
        bool behind_writes = false;

        // Its views live as long as this command.
        protocol::Request request() const { return {op, key, value, exptime_s, version}; }
    };

    void add(ClientToken client, const protocol::Request& request, MonotonicMs deadline,
             bool behind_writes);
    // One that came before all that are held.
    void put_back(ClientToken client, const protocol::Request& request, MonotonicMs deadline,
                  bool behind_writes);

    bool empty() const { return held_.empty(); }
    std::size_t size() const { return held_.size(); }
    std::size_t bytes() const { return bytes_; }
    const Held& front() const { return held_.front(); }
    Held take_front();

  private:
    std::deque<Held> held_;
    std::size_t bytes_ = 0;
};

// What a waiting command costs in memory, about.
inline std::size_t cost_of(const protocol::Request& request) {
    return request.key.size() + request.value.size() + sizeof(HeldCommands::Held);
}

}  // namespace raftkv::replica
