#include "node/server/client_hub.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace raftkv::server {
namespace {

constexpr std::size_t client_scratch_bytes = 64u << 10;
// So much of what clients want in one turn takes a millisecond or two.
constexpr std::size_t turn_bytes = 1u << 20;
constexpr std::size_t swept_at_least = 64;

}  // namespace

ClientHub::ClientHub(Poller& poller, CommandSink& commands, const ClientLimits& limits,
                     MonotonicMs now)
    : scratch_(client_scratch_bytes, '\0'),
      context_{.poller = poller,
               .commands = commands,
               .limits = limits,
               .scratch = scratch_,
               .now = now,
               .budget = replica::TurnBudget(turn_bytes),
               .dirty = {},
               .resumable = {},
               .closed = {}} {
    context_.budget.begin_turn();
}

ClientHub::~ClientHub() = default;

void ClientHub::adopt(int fd) {
    if (connections_ >= context_.limits.max_connections) return turn_away(fd);
    int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    std::uint32_t index = free_slot();
    Slot& slot = slots_[index];
    ++slot.use;
    std::uint64_t id = (static_cast<std::uint64_t>(slot.use) << 32) | index;
    slot.session = std::make_unique<ClientSession>(context_, id, fd);
    if (!slot.session->start()) {
        slot.session.reset();
        free_slots_.push_back(index);
        return;
    }
    ++connections_;
}

// A client that has said something already must not see its connection reset before it has read
// why: what it said is taken off first.
void ClientHub::turn_away(int fd) {
    ++turned_away_;
    limiter_.warn(context_.now, "turned a client away: there are " + std::to_string(connections_) +
                                    " client connections, and this node takes " +
                                    std::to_string(max_connections()));
    // What every client of the protocol knows.
    constexpr std::string_view line = "ERR_INTERNAL\r\n";
    ::send(fd, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(fd, SHUT_WR);
    ::recv(fd, scratch_.data(), scratch_.size(), MSG_DONTWAIT);
    ::close(fd);
}

std::uint32_t ClientHub::free_slot() {
    if (free_slots_.empty()) {
        slots_.emplace_back();
        return static_cast<std::uint32_t>(slots_.size() - 1);
    }
    std::uint32_t index = free_slots_.back();
    free_slots_.pop_back();
    return index;
}

ClientSession* ClientHub::find(std::uint64_t id) {
    ClientSession* session = slots_[id & 0xffffffffu].session.get();
    return session != nullptr && session->id() == id ? session : nullptr;
}

void ClientHub::reply(replica::ClientToken client, const protocol::Reply& reply) {
    ClientSession* session = find(client.session);
    if (session != nullptr) session->on_reply(client.request, reply);
}

bool ClientHub::end_of_turn() {
    flush_dirty();
    context_.budget.begin_turn();
    const bool resumed = resume_held_back();
    destroy_closed();
    return resumed;
}

void ClientHub::flush_dirty() {
    round_.swap(context_.dirty);
    for (ClientSession* session : round_) session->flush_replies();
    round_.clear();
}

bool ClientHub::resume_held_back() {
    if (context_.resumable.empty() || context_.paused) return false;
    for (std::size_t left = context_.resumable.size(); left > 0; --left) {
        if (context_.budget.spent()) break;
        ClientSession* session = context_.resumable.front();
        context_.resumable.pop_front();
        session->resume();
    }
    return true;
}

void ClientHub::destroy_closed() {
    if (context_.closed.empty()) return;
    auto closed = [](const ClientSession* session) { return session->closed(); };
    auto listed = [](const ClientSession* session) { return session->is_listed(); };
    if (std::any_of(context_.closed.begin(), context_.closed.end(), listed)) {
        std::erase_if(context_.dirty, closed);
        std::erase_if(context_.resumable, closed);
    }
    for (ClientSession* session : context_.closed) {
        auto index = static_cast<std::uint32_t>(session->id() & 0xffffffffu);
        slots_[index].session.reset();
        free_slots_.push_back(index);
        --connections_;
    }
    context_.closed.clear();
}

void ClientHub::sweep(MonotonicMs now) {
    context_.now = now;
    const std::size_t share = std::max(swept_at_least, slots_.size() / sweeps_for_all + 1);
    for (std::size_t left = std::min(share, slots_.size()); left > 0; --left) {
        if (next_swept_ >= slots_.size()) next_swept_ = 0;
        Slot& slot = slots_[next_swept_++];
        if (slot.session != nullptr) slot.session->sweep();
    }
}

std::size_t ClientHub::unfinished() const {
    return static_cast<std::size_t>(std::count_if(
        slots_.begin(), slots_.end(),
        [](const Slot& slot) { return slot.session != nullptr && !slot.session->said_all(); }));
}

void ClientHub::finish() {
    for (Slot& slot : slots_) {
        if (slot.session != nullptr) slot.session->finish();
    }
}

}  // namespace raftkv::server
