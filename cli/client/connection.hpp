#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config.hpp"
#include "common/protocol/parser.hpp"
#include "common/protocol/reply.hpp"
#include "common/protocol/request.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

// Blocking clients of the client protocol, each for one thread at a time. Nothing here waits past
// its deadline, throws, or raises SIGPIPE.

namespace raftkv::cli {

using Deadline = std::chrono::steady_clock::time_point;

// A reply that owns its value.
struct OwnedReply {
    protocol::ReplyKind kind = protocol::ReplyKind::internal;
    std::uint64_t version = 0;    // ok, value_meta
    std::uint32_t exptime_s = 0;  // value_meta
    std::string value;            // value, value_meta
    NodeId leader;                // redirect
    NodeId answered_by;           // set by ClusterClient
    // Only with kind internal: what happened. The node may have said ERR_INTERNAL, or a write may
    // have left this machine whose answer never came back.
    std::string why_unknown;
};

// One connection to one node; it follows no redirect and repeats nothing. After an error other
// than from connect() the connection is of no more use.
class NodeConnection {
  public:
    // Resolves the name and tries its addresses in order. `cancel_fd`, if not -1, is a descriptor
    // that is watched while anything here blocks: when it is readable the call ends with an error
    // of kind interrupted.
    static Result<NodeConnection> connect(const std::string& host, std::uint16_t port,
                                          Deadline deadline, int cancel_fd = -1);
    NodeConnection(NodeConnection&&) noexcept;
    NodeConnection& operator=(NodeConnection&&) noexcept;
    ~NodeConnection();

    // All of `bytes`, exactly as they are.
    Result<void> send(std::string_view bytes, Deadline deadline);
    // How many bytes of the last send() the operating system took, also when it failed.
    std::size_t sent() const;

    // The next reply, to a command of kind `expected`. An error is of kind failed when the node
    // said something that is no reply, unavailable when it closed the connection or did not answer
    // in time, interrupted when cancelled.
    Result<OwnedReply> receive(protocol::Op expected, Deadline deadline);
    // Any bytes that arrive, appended to `out`; 0 at the end of the stream.
    Result<std::size_t> receive_bytes(std::string& out, Deadline deadline);

    // send() and receive().
    Result<OwnedReply> call(const protocol::Request& request, Deadline deadline);

    // Says to the node that nothing more will be sent; replies still arrive.
    void finish_sending();
    // True when the other side has closed it, or has sent what nobody asked for. Does not block.
    bool is_stale() const;

  private:
    struct State;
    explicit NodeConnection(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// For a node of which only the address is known.
inline constexpr NodeId unknown_node{0xffffffff};

// Where a node answers clients.
struct Endpoint {
    NodeId id;
    std::string host;
    std::uint16_t port = 0;
    // Where it tells who else belongs to the cluster; port 0: not known.
    std::string admin_host = {};
    std::uint16_t admin_port = 0;

    std::string address() const;  // "localhost:9000"
    std::string name() const;     // "node 2", or the address when the id is not known
};

Endpoint endpoint_of(const ServerConfig& server);

struct ClientOptions {
    std::chrono::milliseconds timeout{10'000};  // for a whole call
    std::optional<NodeId> start_at;             // the node that is asked first
    int cancel_fd = -1;                         // as NodeConnection::connect() takes it
    // What somebody can do when no node can be reached: ends the error that says so.
    std::string when_unreachable = {};
};

// A client of the whole cluster: finds the leader by itself, follows REDIRECT (to a node that was
// added since, or is elsewhere now: it asks the one that names it where that is), goes on to the
// next node when one is down, waits out elections, all within the timeout.
//
// A write whose outcome is unknown is never repeated. To keep such outcomes rare, a write is sent
// only over a connection that has just proved to lead to a leader: a connection that is new, or
// that was idle for a second, is first asked for the key (a read, which may be repeated).
class ClusterClient {
  public:
    ClusterClient(const ClusterConfig& config, std::chrono::milliseconds timeout);
    ClusterClient(std::vector<Endpoint> nodes, ClientOptions options);
    ClusterClient(ClusterClient&&) noexcept;
    ClusterClient& operator=(ClusterClient&&) noexcept;
    ~ClusterClient();

    // Returns
    // - a reply of the leader, never a redirect; or
    // - a reply of kind internal, for a write whose outcome is unknown; or
    // - an error of kind unavailable: certainly nothing was done, the message says what was tried;
    // - an error of kind interrupted, whose message says whether a write may have been done; or
    // - an error of kind usage: the key is none.
    Result<OwnedReply> call(const protocol::Request& request);

    // The node that last answered as the leader, until another is found.
    std::optional<NodeId> leader() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace raftkv::cli
