#include "tests/benchmark/instructions/trio.hpp"

#include <algorithm>
#include <utility>

#include "common/check.hpp"
#include "common/protocol/reply.hpp"
#include "node/raft/role.hpp"
#include "node/wire/peer_codec.hpp"

namespace raftkv::benchmark {

namespace {

constexpr std::uint32_t size = 3;
constexpr std::int64_t tick_ms = 5;

[[noreturn]] void not_here(const char* what) {
    check_failed(what, __FILE__, __LINE__);
}

replica::Options options_of(NodeId id) {
    replica::Options options;
    options.raft.id = id;
    std::vector<NodeId> servers;
    for (std::uint32_t i = 0; i < size; ++i) servers.push_back(NodeId(i));
    options.raft.members = raft::first_membership(servers);
    options.raft.seed = id.value() + 1;
    options.snapshot.min_log_bytes = std::uint64_t{1} << 40;  // none
    return options;
}

}  // namespace

TrioMember::TrioMember(Trio& trio, NodeId id)
    : trio_(trio),
      id_(id),
      replica_(
          std::make_unique<replica::Replica>(options_of(id), raft::Restored(), kv::Store(),
                                             replica::Ports{trio, *this, *this, *this, *this})) {}

TrioMember::~TrioMember() = default;

bool TrioMember::turn() {
    bool moved = false;
    for (std::uint32_t from = 0; from < size; ++from) {
        if (arrived_[from].empty()) continue;
        moved = true;
        hear(NodeId(from), std::exchange(arrived_[from], {}));
    }
    if (durable_ < written_) {
        moved = true;
        durable_ = written_;
        replica_->persisted(durable_);
    }
    replica_->end_of_turn();
    return moved || durable_ < written_ || replica_->wants_turn();
}

void TrioMember::hear(NodeId from, std::string_view frames) {
    while (!frames.empty()) {
        wire::ParsedFrame frame = wire::parse_frame(frames, false);
        RAFTKV_CHECK(frame.status == wire::ParsedFrame::Status::message);
        frames.remove_prefix(frame.consumed);
        replica_->receive(from, std::move(frame.message));
    }
}

void TrioMember::send(NodeId to, const raft::Message& message) {
    wire::encode_frame(message, trio_.members_[to.value()]->arrived_[id_.value()]);
}

void TrioMember::reply(replica::ClientToken, const protocol::Reply& reply) {
    RAFTKV_CHECK(reply.kind == protocol::ReplyKind::ok || reply.kind == protocol::ReplyKind::value);
    protocol::format(reply, trio_.replies_);
    ++trio_.answered_;
}

// Nobody is ever behind, and no snapshot is ever due.
void TrioMember::fetch(const raft::EntryFetch&) {
    not_here("a log without readers");
}
void TrioMember::begin(const raft::SnapshotId&, std::string) {
    not_here("no snapshot");
}
void TrioMember::add(std::string) {
    not_here("no snapshot");
}
void TrioMember::end() {
    not_here("no snapshot");
}
void TrioMember::give_up() {
    not_here("no snapshot");
}
void TrioMember::store(const raft::SnapshotPiece&) {
    not_here("no snapshot");
}
void TrioMember::fetch(const raft::SnapshotFetch&) {
    not_here("no snapshot");
}
void TrioMember::discard(const raft::SnapshotId&) {
    not_here("no snapshot");
}
void TrioMember::dispose(kv::Store) {
    not_here("no snapshot");
}

Trio::Trio() {
    for (std::uint32_t id = 0; id < size; ++id)
        members_[id] = std::make_unique<TrioMember>(*this, NodeId(id));
    for (std::uint32_t id = 0; id < size; ++id)
        for (std::uint32_t other = 0; other < size; ++other)
            if (other != id) members_[id]->replica().peer_connected(NodeId(other));
    const auto leads = [](const auto& member) {
        return member->replica().standing().role == raft::Role::leader;
    };
    while (std::none_of(members_.begin(), members_.end(), leads)) {
        now_ms_ += tick_ms;
        for (auto& member : members_) member->replica().tick();
        settle();
    }
    leader_ = static_cast<std::size_t>(std::find_if(members_.begin(), members_.end(), leads) -
                                       members_.begin());
}

void Trio::submit(const protocol::Request& request) {
    members_[leader_]->replica().submit({1, ++submitted_}, request);
}

void Trio::settle() {
    bool moved = true;
    while (moved) {
        moved = false;
        for (auto& member : members_) moved = member->turn() || moved;
        moved = moved || answered_ < submitted_;
    }
    replies_.clear();
}

}  // namespace raftkv::benchmark
