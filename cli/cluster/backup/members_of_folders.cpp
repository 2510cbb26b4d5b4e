#include "cli/cluster/backup/members_of_folders.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>
#include <utility>

#include "cli/admin/known_members.hpp"
#include "common/cluster_record.hpp"
#include "node/storage/folder_look.hpp"
#include "node/storage/posix_disk.hpp"

namespace raftkv::cli::backup {

namespace {

using raft::MembershipAt;

// Keeps no keys: there may be many.
class MembersSink final : public storage::StateSink {
  public:
    void start() override { members_.reset(); }
    Result<void> snapshot_chunk(std::string_view) override { return {}; }
    Result<void> snapshot_end(const raft::SnapshotId& id, std::string_view members) override {
        take(id.index, members);
        return {};
    }
    void committed(const raft::Entry& entry) override {
        if (entry.kind == raft::EntryKind::members) take(entry.index, entry.payload.view());
    }
    void take(LogIndex index, std::string_view bytes) {
        if (auto members = raft::decode_membership(bytes)) members_ = {index, std::move(*members)};
    }

    const std::optional<MembershipAt>& members() const { return members_; }

  private:
    std::optional<MembershipAt> members_;
};

struct InFolder {
    std::optional<MembershipAt> committed;
    std::optional<MembershipAt> newest;
};

InFolder members_in(const std::filesystem::path& folder) {
    auto disk = storage::open_posix_disk_to_look(folder.string());
    if (!disk) return {};
    MembersSink sink;
    const auto look = storage::look_at_folder(**disk, sink);
    if (!look || look->refusal) return {};
    InFolder found{.committed = sink.members(), .newest = {}};
    for (const raft::Entry& entry : look->state.tail) sink.committed(entry);
    found.newest = sink.members();
    return found;
}

// Whether it took the place of the other one.
bool take_newer(std::optional<MembershipAt>& known, const std::optional<MembershipAt>& other) {
    if (!other || (known && other->index <= known->index)) return false;
    known = other;
    return true;
}

MemberKind kind_of(const raft::Member& member) {
    if (member.kind == raft::Member::Kind::learner) return MemberKind::learner;
    return member.votes() ? MemberKind::voter : MemberKind::joining;
}

void add_members(MembersView& view, const ClusterConfig& config, const MembershipAt& at) {
    for (const raft::Member& member : at.members.members) {
        if (view.find(member.id) != nullptr) continue;
        MemberInfo info;
        info.where = place_of(config, member);
        info.kind = kind_of(member);
        if (member.folder != 0) info.folder = fmt::format("{:016x}", member.folder);
        info.replaces = member.replaces;
        info.in_log = member.address.has_value();
        view.members.push_back(std::move(info));
    }
}

}  // namespace

ServerConfig place_of(const ClusterConfig& config, const raft::Member& member) {
    ServerConfig place;
    if (const ServerConfig* configured = config.find(member.id)) place = *configured;
    place.id = member.id;
    if (!member.address) return place;
    place.host = member.address->host;
    place.client_port = member.address->client_port;
    place.log_port = member.address->log_port;
    place.admin_port = member.address->admin_port;
    place.admin_host = member.address->admin_host;
    return place;
}

std::optional<MembersView> members_of_folders(const ClusterConfig& config) {
    MembersView view;
    view.cluster_id = cluster_in(config.data_path);
    std::optional<MembershipAt> committed, newest;
    for (NodeId id : node_folders(config.data_path, view.cluster_id)) {
        const InFolder found = members_in(config.node_path(id));
        take_newer(committed, found.committed);
        if (take_newer(newest, found.newest)) view.answered_by = id;
    }
    if (!newest) return std::nullopt;
    // Whoever says less than this is behind; an entry that is not committed may never be.
    view.index = committed ? committed->index : LogIndex();
    view.committed = committed && committed->index == newest->index;
    add_members(view, config, *newest);
    // What is not committed may be taken back, and they may be needed to commit it.
    if (committed) add_members(view, config, *committed);
    return view;
}

}  // namespace raftkv::cli::backup
