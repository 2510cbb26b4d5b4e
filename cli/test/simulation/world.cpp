#include "cli/test/simulation/world.hpp"

#include <utility>
#include <variant>

#include "cli/test/simulation/broken.hpp"
#include "common/protocol/parser.hpp"
#include "node/wire/peer_codec.hpp"

namespace raftkv::simulation {

namespace {

constexpr Micros reconnect = 20'000;

bool is_batch(const raft::Message& message) {
    const auto* append = std::get_if<raft::AppendRequest>(&message.body);
    return append && append->entries.size() > 1;
}

}  // namespace

World::World(const Plan& plan, trace::Trace* trace)
    : plan_(plan),
      truth_(plan, counters_),
      network_(plan, counters_),
      recorder_(trace),
      clients_(plan, events_, counters_, recorder_),
      pipelines_(plan, events_, counters_),
      connected_(std::size_t{plan.nodes} * plan.nodes, 0),
      active_(plan.faults.size()),
      turns_(plan.seed, Stream::turns) {
    for (std::uint32_t id = 0; id < plan.nodes; ++id) {
        nodes_.push_back(std::make_unique<Node>(plan, id, events_, truth_, counters_, *this));
        schedule(EventKind::start, turns_.between(0, 20'000), id, 0);
    }
    for (std::size_t i = 0; i < plan.faults.size(); ++i) {
        schedule(EventKind::fault, plan.faults[i].at, 0, i);
    }
    schedule(EventKind::heal, plan.horizon, 0, 0);
}

void World::run() {
    while (!done_) {
        const Event event = events_.take();
        ++counters_.events;
        note(static_cast<std::uint64_t>(event.at) << 8 | static_cast<std::uint64_t>(event.kind));
        dispatch(event);
    }
}

void World::note(std::uint64_t fact) {
    hash_ = mix(hash_ ^ fact);
}

void World::schedule(EventKind kind, Micros after, std::uint32_t node, std::uint64_t payload) {
    Event event;
    event.at = now() + after;
    event.kind = kind;
    event.node = node;
    event.payload = payload;
    events_.add(event);
}

void World::dispatch(const Event& event) {
    switch (event.kind) {
        case EventKind::packet:
            return deliver(event);
        case EventKind::start:
            return start_node(event.node);
        case EventKind::connect:
            return try_to_connect(event.node, static_cast<std::uint32_t>(event.payload));
        case EventKind::request:
            return deliver_request(event);
        case EventKind::reply:
            return clients_.hear(event.payload, truth_.told(), truth_.commit());
        case EventKind::pipeline:
            return deliver_pipeline(event);
        case EventKind::next_operation:
            return clients_.next_operation(event.node, truth_.told(), truth_.commit());
        case EventKind::give_up:
            return clients_.give_up(event.node, event.payload);
        case EventKind::fault:
            return begin(event.payload);
        case EventKind::fault_end:
            return end(event.payload);
        case EventKind::flap:
            return flap(event.payload);
        case EventKind::forge:
            return forge(event.payload);
        case EventKind::order:
            return order(event.payload);
        case EventKind::heal:
            return heal();
        case EventKind::verdict:
            return look_for_the_end();
        case EventKind::tick:
        case EventKind::turn:
        case EventKind::sync_done:
        case EventKind::idle_mark:
        case EventKind::segment_done:
        case EventKind::room_retry:
        case EventKind::snapshot_step:
        case EventKind::lost:
        case EventKind::met:
            return dispatch_to_process(event);
    }
}

// What happens inside of a process or to it: not to a later one, and not while it is stopped.
void World::dispatch_to_process(const Event& event) {
    Node& node = *nodes_[event.node];
    if (!node.alive() || node.life() != event.life || node.defer(event)) return;
    switch (event.kind) {
        case EventKind::tick:
            return node.tick();
        case EventKind::turn:
            return node.turn();
        case EventKind::sync_done:
            return node.log_task(LogTask::sync);
        case EventKind::segment_done:
            return node.log_task(LogTask::segment);
        case EventKind::idle_mark:
            return node.log_task(LogTask::idle_mark);
        case EventKind::room_retry:
            return node.log_task(LogTask::room_retry);
        case EventKind::snapshot_step:
            return node.snapshot_step();
        case EventKind::lost:
            return node.peer_disconnected(static_cast<std::uint32_t>(event.payload & 0xffffffff));
        case EventKind::met:
            return node.peer_connected(static_cast<std::uint32_t>(event.payload & 0xffffffff),
                                       event.payload >> 32);
        default:
            return;
    }
}

// --- messages between nodes

void World::send(std::uint32_t from, std::uint32_t to, const raft::Message& message) {
    ++counters_.messages;
    if (is_batch(message)) counters_.saw(Seen::batch_of_entries);
    if (std::holds_alternative<raft::TimeoutNow>(message.body)) counters_.saw(Seen::timeout_now);
    if (const auto* chunk = std::get_if<raft::SnapshotChunk>(&message.body)) {
        if (chunk->offset > 0) counters_.saw(Seen::snapshot_piece);
    }
    const std::size_t record = recorder_.message(now(), from, to, message);
    if (!connected(from, to)) return recorder_.lost(record, trace::Lost::receiver_down);

    std::size_t number = packets_.size();
    if (free_packets_.empty()) {
        packets_.emplace_back();
    } else {
        number = free_packets_.back();
        free_packets_.pop_back();
    }
    Packet& packet = packets_[number];
    packet.bytes.clear();
    wire::encode_frame(message, packet.bytes);
    const Passage passage = network_.pass(from, to, now(), packet.bytes);
    if (passage.arrivals.empty()) {
        free_packets_.push_back(number);
        return recorder_.lost(record,
                              passage.loss == Loss::cut ? trace::Lost::cut : trace::Lost::dropped);
    }
    packet.from = from;
    packet.folder = nodes_[from]->folder();
    packet.to = to;
    packet.to_life = nodes_[to]->life();
    packet.arrivals = static_cast<std::uint32_t>(passage.arrivals.size());
    packet.damaged = passage.arrivals.front().damaged;
    packet.record = record;
    for (const Arrival& arrival : passage.arrivals) {
        schedule(EventKind::packet, arrival.at - now(), to, number);
    }
}

void World::deliver(const Event& event) {
    Packet& packet = packets_[event.payload];
    Node& node = *nodes_[packet.to];
    if (!node.alive() || node.life() != packet.to_life) {
        counters_.saw(Seen::message_to_the_dead);
        recorder_.lost(packet.record, trace::Lost::receiver_down);
    } else if (node.defer(event)) {
        return;
    } else {
        receive(packet, node);
    }
    if (--packet.arrivals == 0) free_packets_.push_back(event.payload);
}

void World::receive(const Packet& packet, Node& node) {
    wire::ParsedFrame frame = wire::parse_frame(packet.bytes, false);
    const bool whole =
        frame.status == wire::ParsedFrame::Status::message && frame.consumed == packet.bytes.size();
    if (whole == packet.damaged) {
        throw Broken("damaged messages are refused",
                     whole ? "a message was damaged on its way and taken all the same"
                           : "a message arrived whole and was refused",
                     packet.to);
    }
    if (!whole) {
        recorder_.lost(packet.record, trace::Lost::corrupt);
        return disconnect(packet.from, packet.to);
    }
    recorder_.received(packet.record, now());
    look_at(frame.message);
    note(frame.message.term.value() << 8 | frame.message.body.index());
    node.receive(packet.from, packet.folder, std::move(frame.message));
}

void World::look_at(const raft::Message& message) {
    if (const auto* answer = std::get_if<raft::AppendResponse>(&message.body)) {
        if (!answer->accepted) {
            counters_.saw(answer->conflict_term.value() != 0 ? Seen::append_rejected_with_term
                                                             : Seen::append_rejected_as_too_far);
        }
    } else if (const auto* append = std::get_if<raft::AppendRequest>(&message.body)) {
        if (append->entries.empty()) counters_.saw(Seen::probe);
        if (message.term < truth_.newest_term()) counters_.saw(Seen::append_of_old_term);
    }
}

// --- connections

void World::set_connected(std::uint32_t a, std::uint32_t b, bool is_connected) {
    connected_[a * plan_.nodes + b] = connected_[b * plan_.nodes + a] = is_connected ? 1 : 0;
}

void World::tell_process(std::uint32_t node, EventKind kind, std::uint32_t peer) {
    if (!nodes_[node]->alive()) return;
    Event event;
    event.at = now() + 100;
    event.kind = kind;
    event.node = node;
    event.life = nodes_[node]->life();
    event.payload = nodes_[peer]->folder() << 32 | peer;
    events_.add(event);
}

void World::disconnect(std::uint32_t a, std::uint32_t b) {
    if (!connected(a, b)) return;
    set_connected(a, b, false);
    tell_process(a, EventKind::lost, b);
    tell_process(b, EventKind::lost, a);
    schedule(EventKind::connect, reconnect, a, b);
}

void World::try_to_connect(std::uint32_t a, std::uint32_t b) {
    if (connected(a, b) || !nodes_[a]->alive() || !nodes_[b]->alive()) return;
    if (network_.is_cut(a, b) || network_.is_cut(b, a)) {
        return schedule(EventKind::connect, reconnect, a, b);
    }
    for (auto [node, peer] : {std::pair{a, b}, std::pair{b, a}}) {
        ask_to_join(*nodes_[node]);
        hear_of_members(*nodes_[node]);
        introduce(*nodes_[node], *nodes_[peer]);
    }
    const bool a_listens = may_meet(*nodes_[a], *nodes_[b]);
    const bool both =
        nodes_[a]->alive() && nodes_[b]->alive() && a_listens && may_meet(*nodes_[b], *nodes_[a]);
    if (!both) return schedule(EventKind::connect, 5 * reconnect, a, b);
    set_connected(a, b, true);
    tell_process(a, EventKind::met, b);
    tell_process(b, EventKind::met, a);
}

// --- processes

void World::start_node(std::uint32_t number) {
    Node& node = *nodes_[number];
    if (node.alive() || node.lost() || node.removed()) return;
    node.start();
    if (!node.alive()) return;
    recorder_.note(now(), number, "starts");
    ask_to_join(node);
    for (std::uint32_t other = 0; other < plan_.nodes; ++other) {
        if (other != number && nodes_[other]->alive()) {
            schedule(EventKind::connect, turns_.between(200, reconnect), number, other);
        }
    }
}

void World::kill(std::uint32_t number, Death how, Micros down_for) {
    Node& node = *nodes_[number];
    if (node.alive()) {
        node.die(how);
        node_died(number);
    }
    schedule(EventKind::start, down_for, number, 0);
}

// The others see their connections end; where a cable is cut they see nothing.
void World::node_died(std::uint32_t number) {
    clients_.node_died(number);
    pipelines_.node_died(number);
    for (std::uint32_t other = 0; other < plan_.nodes; ++other) {
        if (!connected(number, other)) continue;
        set_connected(number, other, false);
        if (!network_.is_cut(number, other)) tell_process(other, EventKind::lost, number);
    }
}

void World::dying(std::uint32_t number, const Error& why) {
    recorder_.note(now(), number, "ends by itself: " + why.message);
    node_died(number);
}

// --- clients

void World::deliver_request(const Event& event) {
    const AttemptId id{event.node, event.payload};
    const Attempt* attempt = clients_.find(id);
    if (attempt == nullptr) return;
    Node& node = *nodes_[attempt->node];
    if (!node.alive()) return clients_.refused(id, truth_.told(), truth_.commit());
    if (node.defer(event)) return;
    protocol::RequestParser parser(1 << 20);
    const protocol::ParsedRequest parsed = parser.next(attempt->bytes);
    if (parsed.status != protocol::ParseStatus::request) {
        throw Broken("requests are understood", attempt->bytes, attempt->node);
    }
    node.submit({id.first, id.second}, parsed.request);
}

void World::deliver_pipeline(const Event& event) {
    Node& node = *nodes_[pipelines_.node_of(event.node)];
    if (!node.alive()) return pipelines_.refused(event.node);
    if (node.paused()) return pipelines_.wait(event.node);
    pipelines_.send(event.node, [&node](auto client, const auto& request, bool behind_writes) {
        node.submit(client, request, behind_writes);
    });
}

void World::reply(std::uint32_t node, replica::ClientToken client, const protocol::Reply& reply) {
    if (Pipelines::owns(client)) {
        note(static_cast<std::uint64_t>(reply.kind) << 32 ^ client.request);
        return pipelines_.reply(node, client, reply);
    }
    const AttemptId id{static_cast<std::uint32_t>(client.session), client.request};
    const Attempt* attempt = clients_.find(id);
    clients_.reply(id, reply);
    note(static_cast<std::uint64_t>(reply.kind) << 32 ^ reply.version);
    constexpr Micros long_wait = 100'000;
    if (now() - attempt->start > long_wait && reply.kind != protocol::ReplyKind::internal) {
        counters_.saw(Seen::answered_after_a_wait);
    }
    judge_reply(*nodes_[node], *attempt, reply);
}

// --- what nodes tell

std::size_t World::durable_copies(const raft::Membership& members, LogIndex index,
                                  std::uint64_t sum) const {
    std::size_t copies = 0;
    for (const raft::Member& member : members.members) {
        const Node& node = *nodes_[member.id.value()];
        if (member.votes() && node.has_durably(member.folder, index, sum)) ++copies;
    }
    return copies;
}

void World::changed_role(std::uint32_t number) {
    const Node& node = *nodes_[number];
    trace::Role role = trace::Role::down;
    std::uint64_t term = 0;
    if (node.alive()) {
        const replica::Standing standing = node.standing();
        constexpr trace::Role roles[] = {trace::Role::follower, trace::Role::pre_candidate,
                                         trace::Role::candidate, trace::Role::leader};
        role = node.paused() ? trace::Role::paused : roles[static_cast<std::size_t>(standing.role)];
        term = standing.term.value();
        if (role == trace::Role::leader) strike_new_leader();
    }
    note(std::uint64_t{number} << 56 ^ term << 8 ^ static_cast<std::uint64_t>(role));
    recorder_.role(now(), number, role, term);
}

void World::committed(std::uint32_t node, LogIndex index) {
    note(index.value() ^ std::uint64_t{node} << 48);
    recorder_.commit(now(), node, index.value(), truth_.term_at(index).value());
}

void World::disk_worked(std::uint32_t node, Micros since, const std::string& what) {
    recorder_.disk(since, now(), node, what);
}

}  // namespace raftkv::simulation
