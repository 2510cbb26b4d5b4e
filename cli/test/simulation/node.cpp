#include "cli/test/simulation/node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/test/simulation/broken.hpp"
#include "cli/test/simulation/damage.hpp"
#include "node/kv/command.hpp"
#include "node/replica/store_sink.hpp"

namespace raftkv::simulation {

namespace {

constexpr Micros tick_interval = 5'000;
constexpr std::uint64_t cluster_id = 0x5eed;

class ShadowedSink final : public replica::StoreSink {
  public:
    ShadowedSink(ShadowLog& shadow, const Truth& truth) : shadow_(shadow), truth_(truth) {}
    void start() override {
        StoreSink::start();
        shadow_.clear();
    }
    Result<void> snapshot_end(const raft::SnapshotId& id, std::string_view members) override {
        if (auto done = StoreSink::snapshot_end(id, members); !done) return done;
        if (id.index <= truth_.commit()) shadow_ = truth_.log_up_to(id.index);
        return {};
    }
    void committed(const raft::Entry& entry) override {
        StoreSink::committed(entry);
        shadow_.append(entry);
    }

  private:
    ShadowLog& shadow_;
    const Truth& truth_;
};

}  // namespace

Node::Node(const Plan& plan, std::uint32_t id, EventQueue& events, Truth& truth, Counters& counters,
           Surroundings& surroundings)
    : plan_(plan),
      id_(id),
      events_(events),
      truth_(truth),
      counters_(counters),
      surroundings_(surroundings),
      disk_(Dice(plan.seed, Stream::disk, id).next()),
      clock_(events.clock()),
      folder_(changes_members(plan) ? id + 1 : 0) {
    disk_.set_reserves(reserves_space(plan, id));
}

void Node::schedule(EventKind kind, Micros after, std::uint64_t payload) {
    Event event;
    event.at = now() + after;
    event.kind = kind;
    event.node = id_;
    event.life = life_;
    event.payload = payload;
    events_.add(event);
}

void Node::want_turn() {
    if (!std::exchange(turn_wanted_, true)) schedule(EventKind::turn, plan_.pace.turn);
}

replica::Options Node::options() const {
    replica::Options options;
    options.raft.id = NodeId(id_);
    options.clock = clock_.kept();
    options.raft.members = first_members();
    options.raft.folder = folder_;
    const Leases leases = leases_of(plan_, id_);
    options.raft.election_timeout_min_ms = leases.election_timeout_min_ms;
    options.raft.election_timeout_max_ms = leases.election_timeout_max_ms;
    // As long as it can be where clocks run wrong by a twentieth, up or down.
    if (leases.has) options.raft.read_lease_ms = leases.election_timeout_min_ms * 9 / 10;
    const Limits& limits = plan_.limits;
    for (std::uint32_t i = 0; i < plan_.nodes; ++i)
        options.raft.priorities.push_back({NodeId(i), priorities_of(plan_)[i]});
    options.raft.priority_wait_ms = 200;
    options.raft.max_append_bytes = limits.max_append_bytes;
    options.raft.max_inflight_bytes = limits.max_inflight_bytes;
    options.raft.max_inflight_messages = limits.max_inflight_messages;
    options.raft.max_uncommitted_bytes = limits.max_uncommitted_bytes;
    options.raft.log_cache_bytes = limits.log_cache_bytes;
    options.raft.seed = Dice(plan_.seed, Stream::election, id_ * 1000 + life_).next();
    options.raft.snapshot_chunk_bytes = limits.snapshot_chunk_bytes;
    options.raft.snapshot_window_bytes = limits.snapshot_window_bytes;
    options.snapshot.min_log_bytes = limits.snapshot_log_bytes;
    options.snapshot.chunk_bytes = limits.snapshot_read_bytes;
    options.snapshot.retry_ms = 100;
    options.state_mark_interval = 8;
    options.hold_ms = limits.hold_ms;
    options.max_pending_bytes = limits.max_pending_bytes;
    // In half of the plans turns are so short that much waits for the next one.
    Dice turns(plan_.seed, Stream::pipelines, 1);
    if (turns.half()) {
        options.turn_bytes = static_cast<std::size_t>(turns.log_between(512, 32 << 10));
        options.turn_removals = static_cast<std::size_t>(turns.between(1, 4));
    }
    return options;
}

void Node::start() {
    if (lost_ || removed_ || alive()) return;
    ++life_;
    storage::Recovered recovered;
    kv::Store store;
    if (!recover(recovered, store)) return;
    start_members(recovered.state);
    if (memberships_.front().members.is_retired(NodeId(id_), folder_)) return end_as_removed();
    reached_ = {recovered.state.commit, recovered.state.commit, recovered.state.last_index,
                recovered.state.last_index};
    truth_.applied(id_, recovered.state.commit, store.state_hash());
    replica_ = std::make_unique<replica::Replica>(
        options(), std::move(recovered.state), std::move(store),
        replica::Ports{clock_, *this, *snapshots_, *this, *this});
    seen_ = standing();
    surroundings_.changed_role(id_);
    Dice dice(plan_.seed, Stream::restarts, id_ * 1000 + life_);
    schedule(EventKind::tick, dice.between(1, tick_interval));
}

// False when the process does not get over it.
bool Node::recover(storage::Recovered& recovered, kv::Store& store) {
    if (std::exchange(crash_in_recovery_, false)) {
        Dice dice(plan_.seed, Stream::restarts, id_ * 1000 + life_);
        disk_.die_at(disk_.operations() + dice.below(8));
    }
    log_ = std::make_unique<LogDevice>(
        plan_, id_, life_, counters_, [this](LogTask task, Micros after) {
            constexpr EventKind kinds[] = {EventKind::sync_done, EventKind::segment_done,
                                           EventKind::idle_mark, EventKind::room_retry};
            schedule(kinds[static_cast<std::size_t>(task)], after);
        });
    snapshots_ = std::make_unique<SnapshotDevice>(
        plan_, id_, life_, disk_, cluster_id,
        [this](Micros after) { schedule(EventKind::snapshot_step, after); });
    ShadowedSink sink(shadow_, truth_);
    const auto opened =
        log_->open(disk_, {cluster_id, cluster_id, NodeId(id_), id_ + 1}, sink, recovered);
    store = std::move(sink.store());
    recovered.state.members = sink.members();
    if (!opened) {
        const bool interrupted = disk_.died();
        if (interrupted) counters_.saw(Seen::recovery_interrupted);
        end_by_itself(opened.error());
        return false;
    }
    for (const raft::Entry& entry : recovered.state.tail) shadow_.append(entry);
    if (damaged_)
        broken("damage is found",
               "it starts from a log whose synced part was damaged, or without the end of it");
    judge_recovery(recovered);
    view_.restart();
    view_.refresh(disk_, truth_);
    judge_view(recovered.state);
    if (view_.truncations() > 0) counters_.saw(Seen::truncation_recovered);
    if (recovered.state.snapshot) counters_.saw(Seen::recovered_from_snapshot);
    if (recovered.state.first_index > LogIndex(1)) counters_.saw(Seen::log_forgot_its_beginning);
    if (recovered.repaired.empty()) return true;
    const bool reserved = disk_.reserved_bytes(view_.segment()) > 0;
    counters_.saw(reserved ? Seen::reserved_tail_repaired : Seen::torn_tail_repaired);
    return true;
}

// All that was durable is there, and nothing that this cluster never wrote.
void Node::judge_recovery(const storage::Recovered& recovered) const {
    const raft::Restored& state = recovered.state;
    const LogIndex durable = durable_at_death_;
    if (!shadow_.holds(durable, view_.log().sum_at(durable))) {
        broken("durability", fmt::format("it recovered a log up to {} that lacks the durable entry "
                                         "{}",
                                         shadow_.last().value(), durable.value()));
    }
    const raft::HardState& promised = view_.hard_state();
    const bool forgotten = state.hard_state.term < promised.term ||
                           (state.hard_state.term == promised.term && promised.vote &&
                            state.hard_state.vote != promised.vote);
    if (forgotten) {
        broken("durability", fmt::format("it recovered term {}, and term {} with its vote was "
                                         "durable",
                                         state.hard_state.term.value(), promised.term.value()));
    }
    if (shadow_.last() != state.last_index || state.commit > state.last_index) {
        broken("recovery",
               fmt::format("it recovered commit {} and end {} of a log that ends at {}",
                           state.commit.value(), state.last_index.value(), shadow_.last().value()));
    }
    truth_.recovered(id_, shadow_);
}

// The onlooker reads the same log off the same disk.
void Node::judge_view(const raft::Restored& state) const {
    const ShadowLog& durable = view_.log();
    if (durable.last() == shadow_.last() &&
        shadow_.holds(durable.last(), durable.sum_at(durable.last())) &&
        view_.hard_state() == state.hard_state) {
        return;
    }
    broken(
        "recovery",
        fmt::format(
            "it recovered a log up to {} and term {}, and on its disk is one up to {} with term {}",
            shadow_.last().value(), state.hard_state.term.value(), durable.last().value(),
            view_.hard_state().term.value()));
}

void Node::end_by_itself(const Error& why) {
    surroundings_.dying(id_, why);
    if (why.kind == ErrorKind::corrupt) {
        if (!damaged_) broken("no false alarm", "it says that its log is damaged: " + why.message);
        lost_ = true;
        counters_.saw(Seen::corruption_found);
    } else if (why.kind == ErrorKind::io) {
        if (!disk_.died()) counters_.saw(Seen::ended_by_disk_error);
    } else if (why.kind != ErrorKind::no_space) {
        broken("recovery", "it does not start: " + why.message);
    }
    die(disk_.died() ? Death::power_lost : Death::killed);
    constexpr Micros supervisor_waits = 100'000;
    if (!lost_) schedule(EventKind::start, supervisor_waits);
}

// The disk was at it; some of it gets done. Segments are made in a while that any loss may hit.
void Node::lose_power_at_work(bool in_sync) {
    Dice dice(plan_.seed, Stream::crashes, id_ * 1000 + life_);
    disk_.die_at(disk_.operations() + dice.below(5));
    const bool syncs = in_sync && log_->is_syncing();
    if (log_->is_preparing() && (!syncs || dice.half())) {
        (void)log_->run(LogTask::segment);
        if (disk_.died()) counters_.saw(Seen::segment_interrupted);
    } else if (syncs) {
        (void)log_->run(LogTask::sync);
    } else if (in_sync && snapshots_->is_working()) {
        (void)snapshots_->step();
    }
}

void Node::die(Death how) {
    const bool alive_till_now = replica_ && !disk_.died();
    if (how != Death::killed && alive_till_now)
        lose_power_at_work(how == Death::power_lost_in_sync);
    view_.refresh(disk_, truth_);
    durable_at_death_ = view_.log().last();
    for (const Truncation& truncation : std::exchange(truncations_, {})) {
        durable_at_death_ = std::min(durable_at_death_, truncation.from - 1);
    }
    replica_.reset();
    members_seen_ = 0;
    folders_heard_.clear();
    introduced_.reset();
    refused_by_ = {};
    log_.reset();
    snapshots_.reset();
    turn_wanted_ = false;
    paused_ = false;
    deferred_.clear();
    ++life_;
    if (how == Death::killed) {
        disk_.kill();
    } else {
        if (disk_.lose_power() > 0) counters_.saw(Seen::unsynced_bytes_lost);
        clock_.reboot();
    }
    surroundings_.changed_role(id_);
}

// --- inputs

// As often as a server does.
void Node::keep_clock() {
    constexpr Micros interval = 1'000'000;
    if (now() - clock_kept_at_ < interval) return;
    clock_kept_at_ = now();
    if (const auto offsets = replica_->clock_offsets()) clock_.keep(*offsets);
}

void Node::tick() {
    replica_->tick();
    turn();
    if (alive()) keep_clock();
    if (alive()) schedule(EventKind::tick, tick_interval);
}

void Node::turn() {
    turn_wanted_ = false;
    ++turns_;
    replica_->end_of_turn();
    watch_role();
    watch_indexes();
    if (turns_ % 16 == 0) judge_bounds();
    if (replica_->wants_turn()) want_turn();
    watch_members();
}

void Node::log_task(LogTask task) {
    const Micros began = sync_began_;
    LogNews news = log_->run(task);
    if (task == LogTask::sync) {
        surroundings_.disk_worked(id_, began, news.persisted ? "sync" : "read");
        sync_began_ = now();  // of the next batch, if there is one
    }
    take(std::move(news));
}

void Node::snapshot_step() {
    auto answers = snapshots_->step();
    if (!answers) return end_by_itself(answers.error());
    for (replica::SnapshotAnswer& answer : *answers) {
        if (const auto* written = std::get_if<replica::SnapshotWritten>(&answer)) {
            counters_.saw(Seen::snapshot_taken);
            judge_snapshot(written->info);
        } else if (const auto* received = std::get_if<replica::SnapshotReceived>(&answer)) {
            counters_.saw(Seen::snapshot_received);
            judge_snapshot(received->info);
        } else if (std::holds_alternative<replica::SnapshotFailed>(answer)) {
            counters_.saw(Seen::snapshot_failed);
        }
        tell(*replica_, std::move(answer));
    }
    want_turn();
}

void Node::take(LogNews news) {
    if (news.fatal) return end_by_itself(*news.fatal);
    const std::uint64_t segments = view_.segments(), truncations = view_.truncations();
    if (news.persisted) {
        view_.refresh(disk_, truth_);
        if (view_.segments() > segments) judge_segment();
        if (segments != 0 && view_.segments() > segments) {
            const bool reserved = disk_.reserved_bytes(view_.segment()) > 0;
            counters_.saw(reserved ? Seen::segment_reserved : Seen::segment_changed);
        }
        if (view_.truncations() > truncations) counters_.saw(Seen::entries_truncated);
        std::erase_if(truncations_, [&](const Truncation& truncation) {
            return truncation.sequence <= *news.persisted;
        });
        replica_->persisted(*news.persisted);
    }
    for (LogNews::Fetched& fetched : news.fetched) {
        replica_->entries_fetched(fetched.follower, std::move(fetched.entries));
    }
    if (news.has_room) replica_->log_has_room(*news.has_room);
    want_turn();
}

void Node::receive(std::uint32_t from, std::uint64_t folder, raft::Message message) {
    hear_folder(from, folder);
    replica_->receive(NodeId(from), std::move(message));
    want_turn();
}

void Node::peer_connected(std::uint32_t peer, std::uint64_t folder) {
    hear_folder(peer, folder);
    refused_by_.forget(NodeId(peer));
    replica_->peer_connected(NodeId(peer));
    want_turn();
}

void Node::peer_disconnected(std::uint32_t peer) {
    replica_->peer_disconnected(NodeId(peer));
    want_turn();
}

raft::ChangeStart Node::change_members(const raft::MemberChange& change) {
    const raft::ChangeStart start = replica_->change_members(change);
    want_turn();
    return start;
}

void Node::submit(replica::ClientToken client, const protocol::Request& request,
                  bool behind_writes) {
    replica_->submit(client, request, behind_writes);
    want_turn();
}

void Node::hand_over(std::optional<NodeId> to) {
    replica_->transfer_leadership(to);
    want_turn();
}

// --- the machine

void Node::pause() {
    if (alive() && turn_wanted_) turn();
    paused_ = alive();
    surroundings_.changed_role(id_);
}

void Node::resume() {
    if (!std::exchange(paused_, false)) return;
    surroundings_.changed_role(id_);
    // A process that wakes up looks at its sockets one after the other, in no certain order.
    Dice dice(plan_.seed, Stream::turns, 1'000'000 + std::uint64_t{id_} * 1000 + life_);
    Micros others = now(), packets = now() + dice.between(0, 4 * plan_.pace.turn),
           requests = now() + dice.between(0, 4 * plan_.pace.turn);
    for (Event event : std::exchange(deferred_, {})) {
        Micros& at = event.kind == EventKind::packet    ? packets
                     : event.kind == EventKind::request ? requests
                                                        : others;
        at += dice.between(0, plan_.pace.turn / 4);
        event.at = at;
        events_.add(event);
    }
}

bool Node::defer(const Event& event) {
    if (paused_) deferred_.push_back(event);
    return paused_;
}

void Node::damage(FaultKind how, Dice& dice) {
    const bool takes_tail = how == FaultKind::lose_tail || how == FaultKind::roll_back;
    if (takes_tail ? lose_tail(disk_, how, dice) : damage_synced_record(disk_, how, dice))
        damaged_ = true;
    if (damaged_ && takes_tail) counters_.saw(Seen::tail_lost);
}

void Node::slow_disk_down(Micros by) {
    if (!alive()) return;
    log_->slow_down(by);
    snapshots_->slow_down(by);
}

void Node::stall_disk(bool stalled) {
    if (!alive()) return;
    log_->stall(stalled);
    snapshots_->stall(stalled);
}

// --- ports

// The log goes on after a snapshot that it had not reached, or not in the same way.
void Node::jump(const raft::SnapshotMark& mark, std::uint64_t sequence) {
    const LogIndex index = mark.id.index;
    if (index > truth_.commit())
        broken("only what is committed is in a snapshot", "it goes on after one that is not");
    if (shadow_.holds(index, truth_.sum_at(index))) return;
    counters_.saw(Seen::log_jumped);
    // What was durable and differs from the committed log need not be there after a crash.
    LogIndex same;
    while (same < std::min(shadow_.last(), index) &&
           shadow_.sum_at(same + 1) == truth_.sum_at(same + 1))
        ++same;
    if (same < shadow_.last()) truncations_.push_back({sequence, same + 1});
    shadow_ = truth_.log_up_to(index);
    memberships_ = {truth_.members_at(index, first_members())};
}

void Node::submit(raft::LogWrite write) {
    if (write.snapshot) jump(*write.snapshot, write.sequence);
    if (write.truncate_from) {
        if (*write.truncate_from <= reached_.commit) {
            broken("committed entries stay",
                   fmt::format("it drops entries from {} on, and {} is committed",
                               write.truncate_from->value(), reached_.commit.value()));
        }
        shadow_.truncate_from(*write.truncate_from);
        for (; memberships_.back().index >= *write.truncate_from; memberships_.pop_back())
            counters_.saw(Seen::members_undone);
        truncations_.push_back({write.sequence, *write.truncate_from});
    }
    for (const raft::Entry& entry : write.entries) {
        if (entry.index != shadow_.last() + 1) {
            broken("log matching", fmt::format("entry {} comes after entry {}", entry.index.value(),
                                               shadow_.last().value()));
        }
        truth_.appended(id_, entry, shadow_, now());
        shadow_.append(entry);
        if (entry.kind == raft::EntryKind::members) take_members(entry);
    }
    if (!log_->is_syncing()) sync_began_ = now();
    log_->submit(std::move(write));
}

void Node::fetch(const raft::EntryFetch& fetch) {
    if (!log_->is_syncing()) sync_began_ = now();
    log_->fetch(fetch);
}

void Node::send(NodeId to, const raft::Message& message) {
    judge_message(to.value(), message);
    surroundings_.send(id_, to.value(), message);
}

void Node::reply(replica::ClientToken client, const protocol::Reply& reply) {
    watch_role();
    watch_indexes();
    surroundings_.reply(id_, client, reply);
}

}  // namespace raftkv::simulation
