#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/strong_types.hpp"
#include "node/raft/message.hpp"
#include "node/server/poller.hpp"
#include "node/server/stream_buffers.hpp"
#include "node/wire/introduction.hpp"
#include "node/wire/peer_codec.hpp"

namespace raftkv::server {

class PeerInbound;

// Why a connection is not wanted.
struct Rejection {
    std::string why;                         // for the log
    std::optional<wire::Refusal> told = {};  // to the caller, before the connection ends
};

// Who owns incoming connections.
class InboundOwner {
  public:
    // Whether the caller is who it may be. Anything else than nothing is a reason to close.
    virtual std::optional<Rejection> on_hello(PeerInbound& connection,
                                              const wire::Hello& hello) = 0;
    virtual void on_message(NodeId from, raft::Message message) = 0;
    // The connection closed itself. `reason` is empty when the other side ended it.
    virtual void on_inbound_closed(PeerInbound& connection, const std::string& reason) = 0;

  protected:
    ~InboundOwner() = default;
};

// A connection that somebody made to this node's LogPort. Until it has said a valid Hello it is a
// stranger: it may send a few bytes, and has little time.
class PeerInbound final : public Pollable {
  public:
    PeerInbound(Poller& poller, InboundOwner& owner, std::span<char> scratch, int fd,
                MonotonicMs accepted);
    PeerInbound(const PeerInbound&) = delete;
    PeerInbound& operator=(const PeerInbound&) = delete;
    ~PeerInbound();

    [[nodiscard]] bool start();
    void on_ready(Readiness ready) override;
    void close(const std::string& reason);

    // Tells the caller who the members are, unless it has been told that before.
    void introduce(const raft::MembershipAt& members);

    bool closed() const { return fd_ < 0; }
    std::optional<NodeId> from() const { return from_; }
    // What it said; of use once from() is there.
    const wire::Hello& hello() const { return hello_; }
    MonotonicMs accepted() const { return accepted_; }
    void shrink() { input_.shrink(); }

  private:
    void parse();
    void tell(std::string_view bytes);
    bool take(wire::ParsedFrame frame);

    Poller& poller_;
    InboundOwner& owner_;
    const std::span<char> scratch_;
    int fd_;
    const MonotonicMs accepted_;
    std::optional<NodeId> from_;  // after a valid Hello
    wire::Hello hello_;
    LogIndex told_;  // of the members that it was told
    InputBuffer input_;
};

}  // namespace raftkv::server
