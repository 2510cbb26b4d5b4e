#include "cli/test/simulation/clients.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "cli/test/simulation/broken.hpp"
#include "common/checksum.hpp"
#include "common/protocol/parser.hpp"

namespace raftkv::simulation {

namespace {

constexpr Micros network = 100;  // between a client and a node, one way, at least
constexpr Micros network_jitter = 400;
constexpr Micros before_retry = 5'000;
constexpr Micros between_last_reads = 20'000;

test::Instant instant(Micros at) {
    return test::Instant(std::chrono::microseconds(at));
}

}  // namespace

Clients::Clients(const Plan& plan, EventQueue& events, Counters& counters, Recorder& recorder)
    : plan_(plan),
      events_(events),
      counters_(counters),
      recorder_(recorder),
      dice_(plan.seed, Stream::clients),
      clients_(plan.clients),
      versions_(plan.keys + 1) {
    for (const Operation& operation : plan.operations) {
        clients_[operation.client].operations.push_back(&operation);
    }
    for (std::uint32_t client = 0; client < plan.clients; ++client) {
        schedule(EventKind::next_operation, 0, client, 0);
    }
    last_write_.op = protocol::Op::set;
    last_write_.key = plan.keys;
    last_write_.patience = 3'000'000;
    last_reads_ = last_write_;
    last_reads_.op = protocol::Op::get;
}

void Clients::schedule(EventKind kind, Micros after, std::uint32_t client, std::uint64_t payload) {
    Event event;
    event.at = events_.now() + after;
    event.kind = kind;
    event.node = client;
    event.payload = payload;
    events_.add(event);
}

void Clients::next_operation(std::uint32_t number, LogIndex told, LogIndex committed) {
    Client& client = clients_[number];
    if (client.current != 0) return;
    if (finishing_) {
        if (number != 0) return;
        client.operation = last_write_done_ ? &last_reads_ : &last_write_;
    } else {
        if (client.next == client.operations.size()) return;
        const Operation& operation = *client.operations[client.next];
        if (operation.at > events_.now()) {
            return schedule(EventKind::next_operation, operation.at - events_.now(), number, 0);
        }
        ++client.next;
        client.operation = &operation;
    }
    ++counters_.operations;
    // The last write goes round: some node may not belong to the cluster any more.
    const auto asked = finishing_ ? static_cast<std::uint32_t>(client.attempts % plan_.nodes)
                                  : client.operation->node;
    const std::uint32_t node = client.knows_leader ? client.leader : asked;
    try_node(number, node, 0, told, committed);
    schedule(EventKind::give_up, client.operation->patience, number, ++client.operation_number);
}

std::uint64_t Clients::expected_version(const Operation& operation) const {
    if (operation.op != protocol::Op::cas) return 0;
    return operation.guess ? 1 : versions_[operation.key];
}

void Clients::try_node(std::uint32_t number, std::uint32_t node, Micros after, LogIndex told,
                       LogIndex committed) {
    Client& client = clients_[number];
    const Operation& operation = *client.operation;
    Attempt attempt;
    attempt.client = number;
    attempt.number = client.current = ++client.attempts;
    attempt.node = node;
    attempt.op = operation.op;
    attempt.key = fmt::format("k{}", operation.key);
    attempt.start = events_.now();
    attempt.told = told;
    attempt.committed = committed;
    protocol::Request request{operation.op, attempt.key, {}, 0, 0};
    std::string value;
    if (operation.op == protocol::Op::set || operation.op == protocol::Op::cas) {
        // No two attempts write the same.
        value = fmt::format("{}.{}.", number, attempt.number);
        if (value.size() < operation.value_bytes) value.resize(operation.value_bytes, 'x');
        request.value = value;
        request.exptime_s = attempt.exptime_s = operation.exptime_s;
        request.version = attempt.expected = expected_version(operation);
        attempt.fingerprint = checksum(value);
    }
    protocol::format(request, attempt.bytes);
    const AttemptId id{number, attempt.number};
    attempts_.emplace(id, std::move(attempt));
    schedule(EventKind::request, after + network + dice_.between(0, network_jitter), number,
             id.second);
}

const Attempt* Clients::find(AttemptId id) const {
    const auto found = attempts_.find(id);
    return found == attempts_.end() ? nullptr : &found->second;
}

void Clients::refused(AttemptId id, LogIndex told, LogIndex committed) {
    const auto found = attempts_.find(id);
    if (found == attempts_.end()) return;
    counters_.saw(Seen::connection_refused);
    const std::uint32_t node = found->second.node;
    const bool abandoned = found->second.abandoned;
    if (!abandoned) record(found->second, test::Outcome::not_done, nullptr);
    attempts_.erase(found);
    Client& client = clients_[id.first];
    if (abandoned) return;
    client.knows_leader = false;
    try_node(id.first, (node + 1) % plan_.nodes, before_retry, told, committed);
}

void Clients::reply(AttemptId id, const protocol::Reply& reply) {
    const auto found = attempts_.find(id);
    if (found == attempts_.end() || std::exchange(found->second.answered, true)) {
        throw Broken(
            "one answer for each command",
            fmt::format("command {} of client {} gets an answer more", id.second, id.first));
    }
    Letter letter{id, {}};
    protocol::format(reply, letter.bytes);
    letters_.push_back(std::move(letter));
    schedule(EventKind::reply, network + dice_.between(0, network_jitter), id.first,
             letters_.size() - 1);
}

void Clients::hear(std::uint64_t which, LogIndex told, LogIndex committed) {
    const Letter letter = std::move(letters_[which]);
    const auto found = attempts_.find(letter.attempt);
    if (found == attempts_.end()) return;  // the connection ended before
    const Attempt attempt = std::move(found->second);
    attempts_.erase(found);
    const protocol::ParsedReply parsed = protocol::parse_reply(letter.bytes, attempt.op);
    if (parsed.status != protocol::ParsedReply::Status::reply ||
        parsed.consumed != letter.bytes.size()) {
        throw Broken(
            "replies fit their requests",
            fmt::format("\"{}\" is no reply to {}", letter.bytes, protocol::name_of(attempt.op)),
            attempt.node);
    }
    Client& client = clients_[attempt.client];
    if (attempt.abandoned) return;
    learn(attempt, parsed.reply);
    if (parsed.reply.kind != protocol::ReplyKind::redirect) {
        client.leader = attempt.node;
        client.knows_leader = parsed.reply.kind != protocol::ReplyKind::internal;
        return done(attempt.client, 1);
    }
    counters_.saw(Seen::redirected);
    client.leader = parsed.reply.leader.value();
    client.knows_leader = true;
    try_node(attempt.client, client.leader, attempt.number % 4 == 0 ? before_retry : 0, told,
             committed);
}

void Clients::learn(const Attempt& attempt, const protocol::Reply& reply) {
    using protocol::ReplyKind;
    switch (reply.kind) {
        case ReplyKind::redirect:
            return record(attempt, test::Outcome::not_done, nullptr);
        case ReplyKind::internal:
        case ReplyKind::cmd_err:
            counters_.saw(Seen::unknown_outcome);
            return record(attempt, test::Outcome::unknown, nullptr);
        case ReplyKind::not_found:
            counters_.saw(Seen::not_found);
            return record(attempt, test::Outcome::absent, nullptr);
        case ReplyKind::version_err:
            counters_.saw(Seen::version_conflict);
            if (finishing_ && attempt.client == 0) last_write_done_ = true;
            return record(attempt, test::Outcome::conflict, nullptr);
        case ReplyKind::ok:
        case ReplyKind::value_meta: {
            const auto key = static_cast<std::size_t>(std::stoul(attempt.key.substr(1)));
            versions_[key] = std::max(versions_[key], reply.version);
            if (key == plan_.keys) last_write_done_ = true;
            break;
        }
        case ReplyKind::value:
        case ReplyKind::deleted:
            break;
    }
    counters_.saw(attempt.op == protocol::Op::get || attempt.op == protocol::Op::getm
                      ? Seen::read
                      : Seen::wrote);
    record(attempt, test::Outcome::ok, &reply);
}

void Clients::record(const Attempt& attempt, test::Outcome outcome, const protocol::Reply* reply) {
    test::Operation operation;
    operation.client = attempt.client;
    operation.op = attempt.op;
    operation.key = attempt.key;
    operation.fingerprint = attempt.fingerprint;
    operation.exptime_s = attempt.exptime_s;
    operation.expected = attempt.expected;
    operation.outcome = outcome;
    operation.start = instant(attempt.start);
    operation.end = instant(events_.now());
    if (reply) {
        operation.version = reply->version;
        if (operation.reads()) {
            operation.fingerprint = test::fingerprint_of(reply->value);
            operation.exptime_s = reply->exptime_s;
        }
    }
    history_.push_back(operation);
    if (recorder_.on()) draw(attempt, outcome, reply);
}

void Clients::draw(const Attempt& attempt, test::Outcome outcome, const protocol::Reply* reply) {
    trace::ClientOp operation;
    operation.start_us = attempt.start;
    operation.end_us = events_.now();
    operation.client = attempt.client;
    operation.node = attempt.node;
    operation.text = attempt.bytes.substr(0, attempt.bytes.find('\r'));
    constexpr std::string_view outcomes[] = {"OK", "ERR_NOT_FOUND", "ERR_VERSION", "not done",
                                             "outcome unknown"};
    operation.reply = outcomes[static_cast<std::size_t>(outcome)];
    if (reply) {
        protocol::format(*reply, operation.reply = {});
        operation.reply.resize(operation.reply.find('\r'));
    }
    recorder_.operation(std::move(operation));
}

void Clients::give_up(std::uint32_t number, std::uint64_t operation) {
    Client& client = clients_[number];
    if (client.current == 0 || client.operation_number != operation) return;
    counters_.saw(Seen::client_gave_up);
    Attempt& attempt = attempts_.at({number, client.current});
    record(attempt, test::Outcome::unknown, nullptr);
    attempt.abandoned = true;
    client.knows_leader = false;
    done(number, 1);
}

void Clients::done(std::uint32_t number, Micros after) {
    Client& client = clients_[number];
    client.current = 0;
    client.operation = nullptr;
    const Micros pause = last_write_done_ ? between_last_reads : 0;
    schedule(EventKind::next_operation, after + pause, number, 0);
}

void Clients::node_died(std::uint32_t node) {
    for (auto it = attempts_.begin(); it != attempts_.end();) {
        const Attempt& attempt = it->second;
        if (attempt.node != node) {
            ++it;
            continue;
        }
        if (!attempt.abandoned) {
            record(attempt, test::Outcome::unknown, nullptr);
            clients_[attempt.client].knows_leader = false;
            done(attempt.client, network);
        }
        it = attempts_.erase(it);
    }
}

void Clients::finish() {
    finishing_ = true;
    schedule(EventKind::next_operation, 1, 0, 0);
}

}  // namespace raftkv::simulation
