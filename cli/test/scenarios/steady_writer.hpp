#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cli/test/recording_client.hpp"
#include "common/result.hpp"

namespace raftkv::test {

// A client that writes as fast as it is answered, on a few keys of its own, and reads now and then.
class SteadyWriter {
  public:
    static constexpr std::size_t keys = 8;

    // `number` tells its keys from those of others.
    SteadyWriter(RecordingClient& client, std::uint32_t number, std::size_t value_bytes = 100);

    // One or two commands. An Error is one of the client's.
    Result<void> turn();

  private:
    Result<void> write(std::size_t key);
    Result<void> look(std::size_t key);

    RecordingClient& client_;
    const std::uint32_t number_;
    const std::size_t value_bytes_;
    std::vector<std::uint64_t> versions_;  // of each key; 0: it is not there
    std::uint64_t turns_ = 0;
};

}  // namespace raftkv::test
