#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/protocol/parser.hpp"
#include "common/protocol/reply.hpp"
#include "common/protocol/request.hpp"
#include "common/strong_types.hpp"
#include "node/replica/ports.hpp"
#include "node/server/client_limits.hpp"
#include "node/server/poller.hpp"
#include "node/server/reply_queue.hpp"
#include "node/server/stream_buffers.hpp"

namespace raftkv::server {

// Where commands go. Each is answered exactly once, later, by ClientSession::on_reply.
class CommandSink {
  public:
    virtual void submit(replica::ClientToken client, const protocol::Request& request) = 0;

  protected:
    ~CommandSink() = default;
};

class ClientSession;

// What the sessions of a node share.
struct SessionContext {
    Poller& poller;
    CommandSink& commands;
    ClientLimits limits;
    std::span<char> scratch;         // see InputBuffer
    MonotonicMs now;                 // coarse: moved about every second
    bool paused = false;             // the replica has enough to do: submit nothing
    std::size_t buffered_bytes = 0;  // input and output that sessions hold
    // Filled by sessions, emptied at the end of the turn.
    std::vector<ClientSession*> dirty;      // have something to send
    std::vector<ClientSession*> resumable;  // what held their input back may be gone
    std::vector<ClientSession*> closed;     // to be destroyed
};

// How many reads of a connection may be under way: as many as keep their replies within bounds,
// judged by the sizes of the latest ones. Starts small and doubles with each answered window.
class ReadWindow {
  public:
    std::size_t size() const { return size_; }
    void answered(std::size_t reply_bytes);

  private:
    std::size_t size_ = 6;
};

// One client connection: bytes to commands, replies to bytes. A pipeline behaves as if its commands
// were executed one after another: reads wait for earlier writes and the other way round.
class ClientSession final : public Pollable {
  public:
    // Takes over the socket, which is non-blocking. `id` is what replies will name.
    ClientSession(SessionContext& context, std::uint64_t id, int fd);
    ClientSession(const ClientSession&) = delete;
    ClientSession& operator=(const ClientSession&) = delete;
    ~ClientSession();

    // Begins to watch the socket. False when the system has no room for it.
    [[nodiscard]] bool start();

    void on_ready(Readiness ready) override;
    void on_reply(std::uint64_t request, const protocol::Reply& reply);
    // One write of all replies of the turn.
    void flush();
    // Goes on with input that was held back, if nothing holds it back now.
    void resume();
    // The context is no longer paused.
    void unpause();
    // Checks the time limits.
    void sweep();
    // Takes no further commands; when those taken are answered, says goodbye.
    void finish();
    bool said_all() const { return state_ == State::lingering || closed(); }

    std::uint64_t id() const { return id_; }
    bool closed() const { return state_ == State::closed; }

  private:
    enum class State : std::uint8_t {
        open,
        ending,     // reads no more; what was taken is answered
        lingering,  // all is said; what still comes is thrown away until the client sees the end
        closed,
    };

    void read();
    void parse();
    bool over_bounds() const;
    bool must_wait(const protocol::Request& request) const;
    void submit(const protocol::Request& request, std::size_t bytes);
    void refuse(std::size_t bytes);
    void discard_input();
    void end(bool linger);
    void close_if_finished();
    void close();

    std::size_t output_bytes() const { return output_.unsent() + replies_.parked_bytes(); }
    void account();
    void mark_dirty();
    void mark_resumable();
    void want_read(bool wanted);
    void want_write(bool wanted);
    void set_interest(Interest interest);

    SessionContext& context_;
    const std::uint64_t id_;
    int fd_;
    State state_ = State::open;
    Interest interest_{.read = true};
    bool held_back_ = false;  // there may be complete commands in input_ that must wait
    bool linger_ = false;
    bool dirty_ = false;
    bool resumable_ = false;
    bool in_flight_are_writes_ = false;
    std::size_t accounted_ = 0;  // this session's part of context_.buffered_bytes
    std::size_t in_flight_ = 0;  // submitted, and not answered by the replica
    MonotonicMs last_input_;
    MonotonicMs last_output_;
    protocol::RequestParser parser_;
    InputBuffer input_;
    OutputBuffer output_;
    ReplyQueue replies_;
    ReadWindow read_window_;
};

}  // namespace raftkv::server
