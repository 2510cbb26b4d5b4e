#include "cli/test/simulation/pipelines.hpp"

#include <fmt/format.h>

#include <utility>

#include "cli/test/simulation/broken.hpp"

namespace raftkv::simulation {

namespace {

using protocol::Op;
using protocol::ReplyKind;

constexpr std::int64_t most_at_once = 8;
constexpr std::size_t most_unanswered = 40;

}  // namespace

Pipelines::Pipelines(const Plan& plan, EventQueue& events, Counters& counters)
    : plan_(plan), events_(events), counters_(counters), dice_(plan.seed, Stream::pipelines) {
    if (!dice_.ppm(333'000)) return;
    connections_.resize(static_cast<std::size_t>(dice_.between(1, 2)));
    for (std::uint32_t number = 0; number < connections_.size(); ++number) {
        open(connections_[number], static_cast<std::uint32_t>(dice_.below(plan.nodes)));
        schedule(number, dice_.between(0, 1'000'000));
    }
}

void Pipelines::schedule(std::uint32_t number, Micros after) {
    Event event;
    event.at = events_.now() + after;
    event.kind = EventKind::pipeline;
    event.node = number;
    events_.add(event);
}

void Pipelines::open(Connection& connection, std::uint32_t node) {
    connection = Connection();
    connection.node = node;
    connection.session = first_session + ++sessions_;
    connection.key = fmt::format("p{}", sessions_);
}

void Pipelines::refused(std::uint32_t number) {
    if (finished_) return;
    open(connections_[number], (connections_[number].node + 1) % plan_.nodes);
    schedule(number, dice_.between(20'000, 100'000));
}

void Pipelines::wait(std::uint32_t number) {
    if (!finished_) schedule(number, dice_.between(1'000, 50'000));
}

Pipelines::Sent& Pipelines::add(Connection& connection) {
    Sent command;
    if (dice_.half()) {
        command.op = dice_.half() ? Op::get : Op::getm;
    } else {
        command.op = connection.is_set ? Op::del : Op::set;
        connection.is_set = !connection.is_set;
        if (command.op == Op::set) command.value = fmt::format("p{}", ++values_);
    }
    connection.sent.push_back(std::move(command));
    return connection.sent.back();
}

void Pipelines::send(std::uint32_t number, const Submit& submit) {
    if (finished_) return;
    Connection& connection = connections_[number];
    for (std::int64_t left = dice_.between(1, most_at_once); left > 0; --left) {
        if (connection.sent.size() >= most_unanswered) break;
        const Sent& command = add(connection);
        const std::uint64_t request = connection.first + connection.sent.size() - 1;
        const bool writes = command.op == Op::set || command.op == Op::del;
        submit({connection.session, request}, {command.op, connection.key, command.value, 0, 0},
               connection.writes > 0);
        connection.writes += writes;
    }
    // Mostly right behind, so that several turns and batches are under way.
    schedule(number, dice_.ppm(800'000) ? dice_.between(0, 2'000) : dice_.between(2'000, 400'000));
}

void Pipelines::reply(std::uint32_t node, replica::ClientToken client,
                      const protocol::Reply& reply) {
    for (Connection& connection : connections_) {
        if (connection.session != client.session) continue;
        const std::uint64_t at = client.request - connection.first;
        if (client.request < connection.first || connection.sent[at].answered)
            throw Broken("one answer for each command",
                         fmt::format("command {} of the connection for {} gets an answer more",
                                     client.request, connection.key),
                         node);
        Sent& command = connection.sent[at];
        command.answered = true;
        command.kind = reply.kind;
        command.read = std::string(reply.value);
        connection.writes -= command.op == Op::set || command.op == Op::del;
        if (judge(connection)) return;
        const bool elsewhere = reply.kind == ReplyKind::redirect;
        open(connection, elsewhere ? reply.leader.value() : (node + 1) % plan_.nodes);
        return;
    }
}

// False when it ends, because nobody knows what became of a command.
bool Pipelines::judge(Connection& connection) {
    for (; !connection.sent.empty() && connection.sent.front().answered; ++connection.first) {
        const Sent command = std::move(connection.sent.front());
        connection.sent.pop_front();
        if (command.kind == ReplyKind::internal || command.kind == ReplyKind::redirect)
            return false;
        const bool found =
            command.kind == ReplyKind::value || command.kind == ReplyKind::value_meta;
        bool right = false;
        if (command.op == Op::set) {
            right = command.kind == ReplyKind::ok;
            connection.value = command.value;
        } else if (command.op == Op::del) {
            right = command.kind == ReplyKind::deleted;
            connection.value.reset();
        } else {
            right = found == connection.value.has_value() &&
                    (!found || command.read == *connection.value);
            counters_.saw(Seen::read_in_a_pipeline);
        }
        if (right) continue;
        throw Broken("a pipeline is carried out in order",
                     fmt::format("a {} of {} is not answered as those before it leave the key, "
                                 "which is {}",
                                 protocol::name_of(command.op), connection.key,
                                 connection.value.value_or("not there")),
                     connection.node);
    }
    return true;
}

void Pipelines::node_died(std::uint32_t node) {
    for (Connection& connection : connections_)
        if (connection.node == node) open(connection, (node + 1) % plan_.nodes);
}

}  // namespace raftkv::simulation
