#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "common/strong_types.hpp"
#include "node/raft/message.hpp"
#include "node/server/dialer.hpp"
#include "node/server/poller.hpp"
#include "node/server/stream_buffers.hpp"
#include "node/wire/introduction.hpp"

namespace raftkv::server {

// The connection that this node makes to one peer, to speak on it: a Hello, then messages. Nothing
// comes back on it but who the members are, and a Refusal; the peer answers on the connection that
// it makes. Connects again for ever.
class PeerLink final : public Pollable {
  public:
    // Messages that would make more than this wait are dropped; Raft repeats what matters.
    static constexpr std::size_t max_queued_bytes = 16u << 20;

    // What its owner does. It is not destroyed before the end of the turn in which one is called.
    struct Calls {
        std::function<std::string()> hello;  // the encoded first frame
        std::function<void()> changed;       // the link came up or went down
        std::function<void(wire::ComesBack)> heard;
    };

    PeerLink(boost::asio::io_context& io, Poller& poller, const std::string& host,
             std::uint16_t port, Calls calls);
    PeerLink(const PeerLink&) = delete;
    PeerLink& operator=(const PeerLink&) = delete;
    ~PeerLink();

    void start() { dialer_.start(); }
    // The peer was heard of: connect without further waiting.
    void hurry() { dialer_.hurry(); }
    bool up() const { return fd_ >= 0; }
    // The peer answers as it should: when this connection ends, soon try again.
    void mark_useful() { useful_ = true; }

    // Queues, or drops when the link is down or full.
    void send(const raft::Message& message);
    // One write of all that is queued.
    void flush();

    void on_ready(Readiness ready) override;

  private:
    void connected(int fd);
    bool hear();
    bool parse();
    void disconnect();

    Poller& poller_;
    const Calls calls_;
    Dialer dialer_;
    int fd_ = -1;
    bool blocked_ = false;  // the socket took not everything: waits until it is writable
    bool useful_ = false;
    OutputBuffer output_;
    std::string heard_;  // an unfinished frame
};

}  // namespace raftkv::server
