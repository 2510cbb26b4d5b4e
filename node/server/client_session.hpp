#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "common/protocol/parser.hpp"
#include "common/protocol/reply.hpp"
#include "common/protocol/request.hpp"
#include "common/strong_types.hpp"
#include "node/replica/ports.hpp"
#include "node/replica/turn_budget.hpp"
#include "node/server/client_limits.hpp"
#include "node/server/poller.hpp"
#include "node/server/reply_queue.hpp"
#include "node/server/stream_buffers.hpp"

namespace raftkv::server {

// Where commands go. Each is answered exactly once, later, by ClientSession::on_reply.
class CommandSink {
  public:
    // `behind_writes`: of the same connection, which are not answered yet.
    virtual void submit(replica::ClientToken client, const protocol::Request& request,
                        bool behind_writes) = 0;

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
    // What all sessions together read, take and send because they are ready. The rest of them
    // waits for its turn.
    replica::TurnBudget budget;
    // Filled by sessions; emptied at the end of the turn, but for those that can be resumed: as
    // many as the budget of the next one allows.
    std::vector<ClientSession*> dirty;     // have something to send
    std::deque<ClientSession*> resumable;  // what held them back may be gone
    std::vector<ClientSession*> closed;    // to be destroyed
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
// were executed one after another, without waiting for each: who carries them out keeps them in
// order.
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
    // One write of all replies of the turn, unless the socket is full already.
    void flush_replies();
    // Goes on with what was held back, if nothing holds it back now.
    void resume();
    // Checks the time limits.
    void sweep();
    // Takes no further commands; when those taken are answered, says goodbye.
    void finish();
    bool said_all() const { return state_ == State::lingering || closed(); }

    std::uint64_t id() const { return id_; }
    bool closed() const { return state_ == State::closed; }
    bool is_listed() const { return dirty_ || resumable_; }

  private:
    enum class State : std::uint8_t {
        open,
        ending,     // reads no more; what was taken is answered
        lingering,  // all is said; what still comes is thrown away until the client sees the end
        closed,
    };

    void read();
    void flush();
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
    Readiness put_off_;          // until it is resumed
    std::size_t accounted_ = 0;  // this session's part of context_.buffered_bytes
    // Submitted, and not answered by the replica.
    std::size_t reads_in_flight_ = 0, writes_in_flight_ = 0;
    MonotonicMs last_input_;
    MonotonicMs last_output_;
    protocol::RequestParser parser_;
    InputBuffer input_;
    OutputBuffer output_;
    ReplyQueue replies_;
    ReadWindow read_window_;
};

}  // namespace raftkv::server
