// A node as a member of its cluster, or none any more.

#include <utility>

#include "cli/test/simulation/node.hpp"
#include "common/check.hpp"

namespace raftkv::simulation {

raft::Membership Node::first_members() const {
    std::vector<NodeId> servers;
    for (std::uint32_t i = 0; i < plan_.members; ++i) servers.push_back(NodeId(i));
    raft::Membership first = raft::first_membership(servers);
    if (joins_ && id_ < plan_.members) first.members[id_].kind = raft::Member::Kind::learner;
    return first;
}

void Node::start_members(const raft::Restored& restored) {
    memberships_ = {restored.members.value_or(raft::MembershipAt{LogIndex(0), first_members()})};
    for (const raft::Entry& entry : restored.tail)
        if (entry.kind == raft::EntryKind::members) take_members(entry);
}

void Node::take_members(const raft::Entry& entry) {
    auto members = raft::decode_membership(entry.payload.view());
    RAFTKV_CHECK(members.has_value());
    for (const raft::Member& member : members->members) {
        const raft::Member* before = memberships_.back().members.find(member.id);
        if (!before) continue;
        if (before->folder == 0 && member.folder != 0) counters_.saw(Seen::folders_learned);
        if (!before->votes() && member.votes()) counters_.saw(Seen::member_added);
    }
    memberships_.push_back({entry.index, std::move(*members)});
}

void Node::watch_members() {
    if (!alive()) return;
    if (replica_->standing().removed) return end_as_removed();
    if (replica_->members_changes() == members_seen_) return;
    members_seen_ = replica_->members_changes();
    if (replica_->members() != memberships_.back().members)
        broken("the newest membership in the log is in force", "it goes by another one");
}

void Node::hear_folder(std::uint32_t peer, std::uint64_t folder) {
    if (folder == 0) return;
    folders_heard_.resize(plan_.nodes);
    if (std::exchange(folders_heard_[peer], folder) == folder) return;
    replica_->folder_heard({NodeId(peer), folder});
}

wire::KnownMembers Node::known_members() const {
    return {
        {replica_->members_index(), replica_->members()}, replica_->applied_members(), introduced_};
}

bool Node::knows(NodeId id) const {
    return replica_->members().find(id) || replica_->applied_members().members.find(id) ||
           (introduced_ && introduced_->members.find(id));
}

void Node::introduce(const raft::MembershipAt& members) {
    if (introduced_ && introduced_->index <= replica_->members_index()) introduced_.reset();
    if (members.index <= replica_->members_index()) return;
    if (!introduced_ || introduced_->index < members.index) introduced_ = members;
}

void Node::refused(NodeId by, const wire::Refusal& refusal) {
    refused_by_.heard(by, refusal);
    const raft::Membership& known = introduced_ ? introduced_->members : replica_->members();
    const auto reason = refused_by_.confirmed(known, replica_->members_index(), id());
    if (reason == wire::Refusal::Reason::removed) end_as_removed();
}

void Node::end_as_removed() {
    counters_.saw(Seen::member_removed);
    removed_ = true;
    surroundings_.dying(id_, Error{ErrorKind::usage, "it was removed from the cluster"});
    die(Death::killed);
}

void Node::keep_log_of_folder() {
    logs_of_former_folders_.try_emplace(folder_, view_.log());
}

bool Node::has_durably(std::uint64_t folder, LogIndex index, std::uint64_t sum) const {
    if (folder == 0 || folder == folder_) return view_.log().holds(index, sum);
    const auto former = logs_of_former_folders_.find(folder);
    return former != logs_of_former_folders_.end() && former->second.holds(index, sum);
}

void Node::become_new(bool joins) {
    RAFTKV_CHECK(!alive());
    disk_.set_all_contents({});
    view_.restart();
    shadow_.clear();
    truncations_.clear();
    durable_at_death_ = LogIndex(0);
    removed_ = false;
    joins_ = joins;
    folder_ += 1000;
    clock_.keep({});
}

}  // namespace raftkv::simulation
