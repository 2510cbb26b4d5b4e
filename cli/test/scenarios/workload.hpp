#pragma once

#include <cstdint>
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

    RecordingClient& client_;
    std::uint32_t number_;
    std::mt19937_64 random_;
    std::vector<NodeId> nodes_;
    std::vector<OwnKey> own_;
    std::uint64_t created_ = 0;
};

}  // namespace raftkv::test
