// What happens to clients' commands before consensus and after.

#include <utility>

#include "common/check.hpp"
#include "node/replica/replica_impl.hpp"

namespace raftkv::replica {

using protocol::Op;
using protocol::Reply;
using protocol::ReplyKind;
using protocol::Request;

ClusterMs Replica::Impl::cluster_now() {
    RAFTKV_CHECK(serving());
    return clock->read(ports.clock.monotonic(), ports.clock.wall());
}

std::size_t Replica::Impl::waiting_bytes() const {
    return proposals.bytes() + pending_bytes + reads.bytes() + held.bytes();
}

void Replica::Impl::count(const Request& request) {
    switch (request.op) {
        case Op::set:
            ++counters.set;
            return;
        case Op::get:
            ++counters.get;
            return;
        case Op::getm:
            ++counters.getm;
            return;
        case Op::cas:
            ++counters.cas;
            return;
        case Op::del:
            ++counters.del;
            return;
    }
}

void Replica::Impl::answer(ClientToken client, ReplyKind kind) {
    if (kind == ReplyKind::internal) ++counters.refused;
    Reply reply;
    reply.kind = kind;
    answers.push_back({client, reply});
}

void Replica::Impl::route(ClientToken client, const Request& request) {
    if (accepts_commands()) {
        if (request.writes())
            take_write(client, request);
        else
            reads.gathering().add(client, request.op, request.key);
        return;
    }
    const std::optional<NodeId> leader = core.leader();
    if (!leader || leader == options.raft.id) {
        hold(client, request);
        return;
    }
    ++counters.redirected;
    Reply reply;
    reply.kind = ReplyKind::redirect;
    reply.leader = *leader;
    answers.push_back({client, reply});
}

void Replica::Impl::take_write(ClientToken client, const Request& request) {
    if (core.takes_proposals())
        proposals.add(client, command_of(request, cluster_now()));
    else
        answer(client, ReplyKind::internal);  // no space, or too much is uncommitted
}

void Replica::Impl::hold(ClientToken client, const Request& request) {
    held.add(client, request, ports.clock.monotonic() + options.hold_ms);
}

void Replica::Impl::hold_again(const ReadBatch& batch) {
    for (const WaitingRead& read : batch.reads) hold(read.client, batch.request(read));
}

// A leader is known now, this one or another: in the order they came.
void Replica::Impl::release_held() {
    const std::optional<NodeId> leader = core.leader();
    const bool somebody_else = leader && leader != options.raft.id;
    while (!held.empty() && (accepts_commands() || somebody_else)) {
        const HeldCommands::Held command = held.take_front();
        route(command.client, command.request());
    }
}

void Replica::Impl::give_up_on_held() {
    const MonotonicMs now = ports.clock.monotonic();
    while (!held.empty() && held.front().deadline <= now)
        answer(held.take_front().client, ReplyKind::internal);
}

bool Replica::Impl::propose_tick(ClusterMs stamp) {
    if (tick_index > applied && tick_stamp >= stamp) return true;
    // What was stamped before it goes into the log before it.
    flush_proposals();
    kv::Command tick;
    tick.op = kv::CommandOp::tick;
    tick.stamp = stamp;
    std::string bytes;
    kv::encode(tick, bytes);
    const SharedBytes payload = SharedBytes::copy_of(bytes);
    const std::optional<LogIndex> index = core.propose({&payload, 1}, effects);
    if (!index) return false;
    tick_index = *index;
    tick_stamp = stamp;
    return true;
}

void Replica::Impl::flush_proposals() {
    if (proposals.empty()) return;
    const std::vector<SharedBytes> commands = proposals.seal();
    const std::optional<LogIndex> first = core.propose(commands, effects);
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const ClientToken client = proposals.clients()[i];
        if (first) {
            pending.push_back({*first + i, core.term(), client, commands[i].size()});
            pending_bytes += commands[i].size();
        } else {
            // Leadership went during the turn; the log never saw this.
            hold(client, request_of(*kv::decode(commands[i].view())));
        }
    }
    proposals.clear();
}

void Replica::Impl::flush_reads() {
    if (!reads.gathering().reads.empty()) core.read(reads.begin(), effects);
    // A lease counts now, and not when this turn began.
    core.set_time(ports.clock.monotonic());
    core.begin_reads(effects);
}

void Replica::Impl::answer_reads() {
    ReadBatch batch;
    while (serving() && reads.take_answerable(applied, batch)) {
        answer_batch(batch);
        reads.reuse(std::move(batch));
    }
}

void Replica::Impl::answer_batch(const ReadBatch& batch) {
    const ClusterMs now = cluster_now();
    ReadBatch late;  // of keys whose end has come, but not in the log yet
    for (const WaitingRead& read : batch.reads) {
        const Request request = batch.request(read);
        const std::optional<kv::Item> item = store.find(request.key);
        if (!item) {
            Reply reply;
            reply.kind = ReplyKind::not_found;
            ports.clients.reply(read.client, reply);
        } else if (item->deadline && *item->deadline <= now) {
            late.add(read.client, read.op, request.key);
        } else {
            Reply reply;
            reply.kind = read.op == Op::get ? ReplyKind::value : ReplyKind::value_meta;
            reply.version = item->version;
            reply.exptime_s = item->exptime_s;
            reply.value = item->value;
            ports.clients.reply(read.client, reply);
        }
    }
    if (late.reads.empty()) return;
    if (propose_tick(now)) {
        reads.wait_for(tick_index, std::move(late));
        return;
    }
    if (core.handing_over()) {
        hold_again(late);
        return;
    }
    for (const WaitingRead& read : late.reads) answer(read.client, ReplyKind::internal);
}

}  // namespace raftkv::replica
