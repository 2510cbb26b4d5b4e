#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "cli/test/cancellation.hpp"
#include "cli/test/history/history.hpp"
#include "cli/test/recording_client.hpp"
#include "common/config.hpp"
#include "common/result.hpp"

namespace raftkv::test {

// What one client does, on a thread of its own; `number` counts from 0. An Error ends the others,
// too.
using Work = std::function<Result<void>(RecordingClient& client, std::uint32_t number)>;

// Clients that work at the same time.
class ClientCrew {
  public:
    explicit ClientCrew(const ClusterConfig& config) : config_(config) {}
    ClientCrew(const ClientCrew&) = delete;
    ClientCrew& operator=(const ClientCrew&) = delete;
    // Cancels, and waits for the threads.
    ~ClientCrew();

    // One client for each setup; the crew sets how they can be cancelled. Once.
    void start(const std::vector<RecordingClient::Setup>& setups, Work work);

    bool done() const { return working_ == 0; }
    // Breaks off whatever the clients wait for.
    void cancel() { cancellation_.request(); }
    // Waits for all of them, and gives the Error of the one that failed first, if any did.
    Result<void> join();
    // After join(): what all of them did.
    History take_history();

  private:
    void note(const Result<void>& result);

    const ClusterConfig& config_;
    Cancellation cancellation_;
    Work work_;
    std::deque<RecordingClient> clients_;
    std::atomic<std::size_t> working_{0};
    std::mutex mutex_;  // guards result_
    Result<void> result_;
    std::vector<std::thread> threads_;
};

}  // namespace raftkv::test
