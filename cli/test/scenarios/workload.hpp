#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "cli/test/recording_client.hpp"
#include "common/result.hpp"

namespace raftkv::test {

// What one client of the stress scenario does: a random mix of all commands, on keys of its own
// (each of whose values it can tell) and on keys that all clients share.
class Workload {
  public:
    Workload(RecordingClient& client, std::uint32_t number, std::uint64_t seed,
             std::vector<NodeId> nodes);

    // One or two commands. An Error is one of the client's.
    Result<void> turn();

  private:
    // A key of this client, and the version it should have.
    struct OwnKey {
        std::string name;
        std::uint64_t version;
    };

    // A key that is left alone until its end is certainly over: on a fast cluster no other lives
    // long enough to show whether its end is kept.
    struct RestingKey {
        std::string name;
        std::chrono::steady_clock::time_point over;
    };

    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    std::string shared_key();
    std::string any_key();
    std::uint32_t some_exptime();
    std::size_t some_size();

    Result<void> create_own();
    Result<void> replace_own();
    Result<void> replace_own_wrongly();
    Result<void> read_own();
    Result<void> remove_own();
    Result<void> create_shared();
    Result<void> replace_shared();
    Result<void> read_shared();
    Result<void> remove_shared();
    Result<void> read_at_some_node();
    Result<void> rest_or_look();

    RecordingClient& client_;
    std::uint32_t number_;
    std::mt19937_64 random_;
    std::vector<NodeId> nodes_;
    std::vector<OwnKey> own_;
    std::deque<RestingKey> resting_;  // the one that is over first in front
    std::uint64_t created_ = 0;
};

}  // namespace raftkv::test
