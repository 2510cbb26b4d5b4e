// What happens to clients' commands before consensus and after.

#include <utility>

#include "common/check.hpp"
#include "node/replica/replica_impl.hpp"

namespace raftkv::replica {

using protocol::Op;
using protocol::Reply;
using protocol::ReplyKind;
using protocol::Request;

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

void Replica::Impl::route(ClientToken client, const Request& request, bool behind_writes) {
    if (accepts_commands()) {
        if (request.writes())
            take_write(client, request);
        else
            reads.gathering().add(client, request, LogIndex(proposals.clients().size()),
                                  behind_writes);
        return;
    }
    const std::optional<NodeId> leader = core.leader();
    if (!leader || leader == options.raft.id) {
        hold(client, request, behind_writes);
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

void Replica::Impl::hold(ClientToken client, const Request& request, bool behind_writes) {
    held.add(client, request, ports.clock.monotonic() + options.hold_ms, behind_writes);
}

void Replica::Impl::put_back(const ReadBatch& batch, const WaitingRead& read) {
    held.put_back(read.client, batch.request(read), ports.clock.monotonic() + options.hold_ms,
                  read.behind_writes);
}

// A leader is known now, this one or another.
bool Replica::Impl::releases_held() const {
    if (held.empty()) return false;
    const std::optional<NodeId> leader = core.leader();
    return accepts_commands() || (leader && leader != options.raft.id);
}

// In the order they came.
void Replica::Impl::release_held() {
    while (!answering.spent() && releases_held()) {
        const HeldCommands::Held command = held.take_front();
        answering.take(command.key.size() + command.value.size());
        route(command.client, command.request(), command.behind_writes);
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
    if (first) {
        reads.place(*first - 1, proposals.clients());
        for (std::size_t i = 0; i < commands.size(); ++i) {
            pending.push_back(
                {*first + i, core.term(), proposals.clients()[i], commands[i].size()});
            pending_bytes += commands[i].size();
        }
    } else {
        hold_proposals(commands);
    }
    proposals.clear();
}

// Leadership went during the turn; the log never saw these. In the order in which they came, with
// the reads between them.
void Replica::Impl::hold_proposals(const std::vector<SharedBytes>& commands) {
    const ReadBatch between = reads.take_gathering();
    std::size_t next = 0;
    const auto hold_reads_before = [&](std::size_t proposal) {
        for (; next < between.reads.size(); ++next) {
            const WaitingRead& read = between.reads[next];
            if (next >= between.placed && read.position.value() > proposal) return;
            hold(read.client, between.request(read), read.behind_writes);
        }
    };
    for (std::size_t i = 0; i < commands.size(); ++i) {
        hold_reads_before(i);
        hold(proposals.clients()[i], request_of(*kv::decode(commands[i].view())));
    }
    hold_reads_before(commands.size());
}

void Replica::Impl::flush_reads() {
    if (!reads.gathering().reads.empty()) {
        reads.place(core.log().last_index(), {});
        if (const auto id = reads.begin()) core.read(*id, effects);
    }
    // A lease counts now, and not when this turn began.
    core.set_time(ports.clock.monotonic());
    core.begin_reads(effects);
}

void Replica::Impl::answer_reads() {
    while (serving() && !answering.spent()) {
        ReadBatch* batch = reads.answerable(applied);
        if (batch == nullptr) return;
        answer_confirmed(*batch);
    }
}

void Replica::Impl::answer_confirmed(ReadBatch& batch) {
    const ClusterMs now = cluster_now();
    while (!answering.spent()) {
        WaitingRead* read = batch.answerable(applied);
        if (read == nullptr) return;
        const std::optional<kv::Item> item = store.find(batch.request(*read).key);
        answering.take(item ? item->value.size() : 0);
        if (item && item->deadline && *item->deadline <= now) {
            if (propose_tick(now)) {
                batch.is_late(*read, tick_index);
                continue;
            }
            if (core.handing_over())
                put_back(batch, *read);
            else
                answer(read->client, ReplyKind::internal);
        } else {
            answer_read(*read, item);
        }
        if (!reads.answered(batch, *read)) return;
    }
}

// The entry is committed and of the term in which they came: that confirms them (read_batches.hpp).
// The first that it brings is its stamp; so a key that ends by then is not there. When there are
// too many for this turn, an entry waits for those of its own connection alone.
void Replica::Impl::answer_reads_before(const raft::Entry& entry) {
    if (reads.empty() || !serving() || entry.term != serving_term) return;
    // Without a stamp nobody knows which keys end.
    if (entry.kind != raft::EntryKind::command) return reads.move_behind(entry.index);
    if (reads.due_before(entry.index) == nullptr) return;
    const ClusterMs stamp = kv::decode(entry.payload.view())->stamp;
    const auto answer_next = [&](ReadBatch& batch, WaitingRead& read, TurnBudget& budget) {
        const std::optional<kv::Item> item = store.find(batch.request(read).key, stamp);
        budget.take(item ? item->value.size() : 0);
        answer_read(read, item);
        reads.answered(batch, read);
    };
    while (!answering.spent()) {
        ReadBatch* batch = reads.due_before(entry.index);
        if (batch == nullptr) return;
        answer_next(*batch, batch->reads[batch->first], answering);
    }
    if (pending.empty() || pending.front().index != entry.index) return;
    const std::uint64_t session = pending.front().client.session;
    while (const auto due = reads.due_before(entry.index, session))
        answer_next(*due->batch, *due->read, applying);
}

void Replica::Impl::answer_read(const WaitingRead& read, const std::optional<kv::Item>& item) {
    Reply reply;
    reply.kind = ReplyKind::not_found;
    if (item) {
        reply.kind = read.op == Op::get ? ReplyKind::value : ReplyKind::value_meta;
        reply.version = item->version;
        reply.exptime_s = item->exptime_s;
        reply.value = item->value;
    }
    ports.clients.reply(read.client, reply);
}

// Leadership was lost. Whoever leads now answers them; but not those with a later write of their
// session in the log, which may come to be done before.
void Replica::Impl::take_back_reads() {
    const std::vector<ReadBatch> all = reads.take_all();
    if (all.empty()) return;
    std::unordered_map<std::uint64_t, LogIndex> last_write;  // of each session
    for (const PendingWrite& write : pending) last_write[write.client.session] = write.index;
    for (auto batch = all.rbegin(); batch != all.rend(); ++batch) {
        for (auto read = batch->reads.rbegin(); read != batch->reads.rend(); ++read) {
            if (read->answered) continue;
            const auto write = last_write.find(read->client.session);
            const bool placed = batch->reads.rend() - read <= std::ptrdiff_t(batch->placed);
            if (placed && write != last_write.end() && write->second > read->position)
                answer(read->client, ReplyKind::internal);
            else
                put_back(*batch, *read);
        }
    }
}

// What is left waits for the next turn.
void Replica::Impl::send_answers() {
    constexpr int at_least = 64;  // however much was applied
    for (int sent = 0; !answers.empty() && (sent < at_least || !answering.spent()); ++sent) {
        const Answer next = answers.front();
        answers.pop_front();
        answering.take(0);
        ports.clients.reply(next.client, next.reply);
    }
}

}  // namespace raftkv::replica
