#include "node/server/client_session.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace raftkv::server {
namespace {

// Room for the replies of the reads of one connection.
constexpr std::size_t window_bytes = 4u << 20;

}  // namespace

void ReadWindow::answered(std::size_t reply_bytes) {
    if (reply_bytes * size_ > window_bytes) {
        size_ = std::max<std::size_t>(1, window_bytes / reply_bytes);
    } else {
        ++size_;
    }
}

ClientSession::ClientSession(SessionContext& context, std::uint64_t id, int fd)
    : context_(context),
      id_(id),
      fd_(fd),
      last_input_(context.now),
      last_output_(context.now),
      parser_(context.limits.max_value_bytes) {}

ClientSession::~ClientSession() {
    if (state_ != State::closed) ::close(fd_);
}

bool ClientSession::start() {
    return context_.poller.add(fd_, *this, interest_);
}

void ClientSession::on_ready(Readiness ready) {
    if (state_ == State::closed) return;
    if (ready.hung_up) return close();
    if (context_.budget.spent()) {
        put_off_.readable = put_off_.readable || ready.readable;
        put_off_.writable = put_off_.writable || ready.writable;
        return mark_resumable();
    }
    if (ready.readable) read();
    if (ready.writable && state_ != State::closed) flush();
}

void ClientSession::read() {
    if (state_ == State::lingering) return discard_input();
    // Told only now that nothing more is wanted: most that must wait do so so shortly that no
    // input arrives meanwhile, and then the watch is never touched.
    if (state_ != State::open || held_back_) return want_read(false);
    switch (input_.fill(fd_, context_.scratch)) {
        case InputBuffer::Fill::nothing:
            return;
        case InputBuffer::Fill::broken:
            return close();
        case InputBuffer::Fill::end:
            return end(false);
        case InputBuffer::Fill::more:
            break;
    }
    last_input_ = context_.now;
    context_.budget.take(input_.pending().size());
    parse();
    input_.settle();
    account();
}

void ClientSession::parse() {
    held_back_ = false;
    while (state_ == State::open) {
        if (over_bounds()) {
            held_back_ = true;
            return;
        }
        if (context_.paused || context_.budget.spent()) {
            held_back_ = true;
            return mark_resumable();
        }
        protocol::ParsedRequest parsed = parser_.next(input_.pending());
        if (parsed.status == protocol::ParseStatus::request && must_wait(parsed.request)) {
            held_back_ = true;  // not consumed: it is parsed again when its time has come
            return;
        }
        input_.consume(parsed.consumed);
        switch (parsed.status) {
            case protocol::ParseStatus::need_more:
                return;
            case protocol::ParseStatus::request:
                submit(parsed.request, parsed.consumed);
                break;
            case protocol::ParseStatus::bad_command:
                refuse(parsed.consumed);
                break;
            case protocol::ParseStatus::bad_and_close:
                refuse(parsed.consumed);
                end(true);
                break;
        }
    }
}

bool ClientSession::over_bounds() const {
    const ClientLimits& limits = context_.limits;
    return replies_.size() >= limits.max_unanswered ||
           replies_.bytes() >= limits.max_unanswered_bytes ||
           output_bytes() >= limits.pause_output_bytes;
}

bool ClientSession::must_wait(const protocol::Request& request) const {
    return !request.writes() && reads_in_flight_ >= read_window_.size();
}

void ClientSession::submit(const protocol::Request& request, std::size_t bytes) {
    const bool reads = !request.writes(), behind_writes = writes_in_flight_ > 0;
    ++(reads ? reads_in_flight_ : writes_in_flight_);
    context_.budget.take(0);
    context_.commands.submit({.session = id_, .request = replies_.push(bytes, reads)}, request,
                             behind_writes);
}

void ClientSession::refuse(std::size_t bytes) {
    protocol::Reply reply;
    reply.kind = protocol::ReplyKind::cmd_err;
    replies_.complete(replies_.push(bytes), reply, output_.tail());
    mark_dirty();
}

void ClientSession::on_reply(std::uint64_t request, const protocol::Reply& reply) {
    if (state_ == State::closed) return;
    const bool reads = replies_.reads(request);
    --(reads ? reads_in_flight_ : writes_in_flight_);
    if (reads) read_window_.answered(reply.value.size());
    replies_.complete(request, reply, output_.tail());
    mark_dirty();
    if (held_back_) mark_resumable();
    // Large replies leave while more of them are found, so that memory holds few at a time.
    if (output_bytes() >= context_.limits.pause_output_bytes && !interest_.write) flush();
    if (output_bytes() > context_.limits.max_output_bytes) close();
    account();
}

void ClientSession::flush_replies() {
    dirty_ = false;
    // A socket that is full tells when it has room.
    if (state_ != State::closed && !interest_.write) flush();
}

void ClientSession::flush() {
    std::size_t before = output_.unsent();
    OutputBuffer::Flush result = output_.flush(fd_);
    if (result == OutputBuffer::Flush::broken) return close();
    bool moved = output_.unsent() != before;
    context_.budget.take(before - output_.unsent());
    // Also when it begins to wait: the time that a client has starts then.
    if (moved || !interest_.write) last_output_ = context_.now;
    want_write(result == OutputBuffer::Flush::blocked);
    if (held_back_ && moved) mark_resumable();
    account();
    close_if_finished();
}

void ClientSession::resume() {
    resumable_ = false;
    const Readiness ready = std::exchange(put_off_, Readiness());
    if (ready.writable && state_ != State::closed) flush();
    if (state_ == State::open && held_back_) {
        parse();
        input_.settle();
        account();
        if (state_ == State::open && !held_back_) want_read(true);
    } else if (ready.readable && state_ != State::closed) {
        read();
    }
}

void ClientSession::sweep() {
    const ClientLimits& limits = context_.limits;
    auto since = [this](MonotonicMs then) { return context_.now - then; };
    bool half_command = state_ == State::open && !held_back_ && !input_.pending().empty();
    if (half_command && since(last_input_) > limits.half_command_ms) return close();
    if (output_.unsent() > 0 && since(last_output_) > limits.write_stall_ms) return close();
    if (state_ == State::lingering && since(last_output_) > limits.linger_ms) return close();
    input_.shrink();
    output_.shrink();
}

void ClientSession::finish() {
    if (state_ == State::open) end(true);
}

void ClientSession::discard_input() {
    ssize_t count = ::recv(fd_, context_.scratch.data(), context_.scratch.size(), 0);
    if (count == 0) close();
}

void ClientSession::end(bool linger) {
    state_ = State::ending;
    linger_ = linger;
    want_read(false);
    close_if_finished();
}

void ClientSession::close_if_finished() {
    if (state_ != State::ending || replies_.size() > 0 || output_.unsent() > 0) return;
    if (!linger_) return close();
    // Closing a socket that has unread input would take the last reply away from the client.
    state_ = State::lingering;
    last_output_ = context_.now;
    ::shutdown(fd_, SHUT_WR);
    want_read(true);
}

void ClientSession::close() {
    if (state_ == State::closed) return;
    state_ = State::closed;
    context_.poller.remove(fd_);
    ::close(fd_);
    output_.clear();
    context_.buffered_bytes -= accounted_;
    accounted_ = 0;
    context_.closed.push_back(this);
}

// Keeps count of what all sessions hold. When that is too much, whoever asks for more must go.
void ClientSession::account() {
    if (state_ == State::closed) return;
    std::size_t held = input_.pending().size() + output_bytes();
    bool more = held > accounted_;
    context_.buffered_bytes += held - accounted_;
    accounted_ = held;
    const ClientLimits& limits = context_.limits;
    if (more && held > limits.fair_buffered_bytes &&
        context_.buffered_bytes > limits.max_buffered_bytes)
        close();
}

void ClientSession::mark_dirty() {
    if (dirty_) return;
    dirty_ = true;
    context_.dirty.push_back(this);
}

void ClientSession::mark_resumable() {
    if (resumable_) return;
    resumable_ = true;
    context_.resumable.push_back(this);
}

void ClientSession::want_read(bool wanted) {
    set_interest({.read = wanted, .write = interest_.write});
}

void ClientSession::want_write(bool wanted) {
    set_interest({.read = interest_.read, .write = wanted});
}

void ClientSession::set_interest(Interest interest) {
    if (interest == interest_) return;
    interest_ = interest;
    context_.poller.change(fd_, *this, interest);
}

}  // namespace raftkv::server
