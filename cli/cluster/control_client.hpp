#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "cli/cluster/cluster_view.hpp"
#include "cli/cluster/control_protocol.hpp"
#include "common/result.hpp"

namespace raftkv::cli {

// A connection to the supervisor. Blocking, for one thread.
class ControlClient {
  public:
    // An Error of kind unavailable when no supervisor answers there.
    static Result<ControlClient> connect(const std::filesystem::path& socket);

    ControlClient(ControlClient&& other) noexcept;
    ControlClient& operator=(ControlClient&&) = delete;
    ~ControlClient();

    Result<void> send(const ControlRequest& request);
    // The next line. An Error of kind unavailable when the supervisor closes the connection or
    // says nothing for so long.
    Result<ControlReply> next(std::chrono::milliseconds timeout);

  private:
    explicit ControlClient(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
    std::string received_;
};

// Has the supervisor do it, and gives its last words. It says something every two seconds while it
// works; `tell` is given that. An Error is its refusal, or of kind unavailable when no supervisor
// answers, or it says nothing for so long as `patience`.
Result<std::string> order(const std::filesystem::path& socket, const ControlRequest& request,
                          std::chrono::milliseconds patience,
                          const std::function<void(const std::string&)>& tell);

// How the supervisor sees its cluster. An Error of kind unavailable when none answers in time.
Result<ClusterView> fetch_view(const std::filesystem::path& socket,
                               std::chrono::milliseconds timeout);

}  // namespace raftkv::cli
