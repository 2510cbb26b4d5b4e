#include "cli/cluster/backup/recover_folder.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/admin/known_members.hpp"
#include "cli/cluster/backup/folder_place.hpp"
#include "cli/cluster/backup/members_of_folders.hpp"
#include "cli/cluster/backup/new_folder.hpp"
#include "cli/node/checked_sink.hpp"
#include "common/cluster_record.hpp"
#include "node/storage/folder_look.hpp"
#include "node/storage/posix_disk.hpp"

namespace raftkv::cli::backup {

namespace {

Result<void> check_owner(const ClusterConfig& config, NodeId id, const storage::FolderLook& look,
                         const std::string& folder) {
    const bool ours = look.identity && look.identity->node_id == id.value() &&
                      storage::is_guarded_by(*look.identity, config.cluster_id);
    if (ours) return {};
    return Error{ErrorKind::usage, fmt::format("{} is not the folder of node {} of this "
                                               "configuration",
                                               folder, id.value())};
}

// The member that is left.
Result<raft::Member> self_of(const ClusterConfig& config, NodeId id, const CheckedSink& sink) {
    raft::Member self{.id = id};
    const raft::Member* known = sink.members() ? sink.members()->members.find(id) : nullptr;
    if (known != nullptr) self.address = known->address;
    if (self.address || config.find(id) != nullptr) return self;
    return Error{ErrorKind::usage,
                 fmt::format("node {} is in neither config.json nor its folder's membership: take "
                             "one that was a member",
                             id.value())};
}

// As the membership of its folder has them, or else config.json.
std::vector<ServerConfig> others_of(const ClusterConfig& config, NodeId id,
                                    const CheckedSink& sink) {
    std::vector<ServerConfig> others;
    if (!sink.members()) {
        others = config.servers;
    } else {
        for (const raft::Member& member : sink.members()->members.members)
            others.push_back(place_of(config, member));
    }
    std::erase_if(others,
                  [&](const ServerConfig& one) { return one.id == id || one.host.empty(); });
    return others;
}

// So that a supervisor starts this node alone, and not those that config.json has or had: with
// empty folders they would be a cluster without any data.
Result<void> remember_who_is_left(const ClusterConfig& config, const Survivor& survivor,
                                  const Recovery& recovery, std::uint64_t folder) {
    MemberInfo member;
    member.where = place_of(config, survivor.self);
    member.in_log = survivor.self.address.has_value();
    member.folder = fmt::format("{:016x}", folder);
    MembersView alone;
    alone.cluster_id = recovery.cluster_id;
    alone.answered_by = survivor.id;
    alone.term = survivor.term;
    alone.index = survivor.end.index;
    alone.committed = true;
    alone.members.push_back(std::move(member));
    return save_known_members(config.data_path, alone);
}

Term last_term(const raft::Restored& log) {
    return log.term_runs.empty() ? log.term_before_first : log.term_runs.back().term;
}

// What the old folder will be called, after the time of day; `start` is of its name.
std::filesystem::path name_for_old(const std::string& start) {
    const auto now = std::chrono::system_clock::now();
    const std::string name = fmt::format("{}before-recovery-{:%Y%m%d-%H%M%S}", start,
                                         fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
    std::error_code ec;
    std::string free = name;
    for (int i = 2; std::filesystem::exists(free, ec); ++i) free = fmt::format("{}-{}", name, i);
    return free;
}

// Everything that will be written to, before anything is.
Result<FolderPlace> place_for(const ClusterConfig& config, const Survivor& survivor) {
    if (::access(config.data_path.c_str(), W_OK) != 0) {
        return Error{
            ErrorKind::usage,
            fmt::format("{} can't be written to: {}. Nothing was changed",
                        config.data_path.string(), std::generic_category().message(errno))};
    }
    return place_of_folder(survivor.folder);
}

// Of two folders that stand side by side, the new one takes the name that the old one will have,
// and then both change places at once: at any time there is a folder that the node can start from.
// Nothing is deleted that was lived in.
Result<void> put_in_place(const FolderPlace& place, const std::filesystem::path& made,
                          const std::filesystem::path& before) {
    if (!place.can_be_renamed) return exchange_within(place.folder, made, before);
    if (auto named = rename_folder(made, before); !named) return named;
    auto placed = exchange_folders(before, place.folder);
    if (placed) return placed;
    std::error_code ignored;
    std::filesystem::rename(before, made, ignored);
    return placed;
}

}  // namespace

Result<Survivor> read_survivor(const ClusterConfig& config, NodeId id) {
    Survivor survivor;
    survivor.id = id;
    survivor.folder = config.node_path(id);
    const std::string folder = survivor.folder.string();
    auto disk = storage::open_posix_disk_to_look(folder);
    if (!disk) return disk.error();
    CheckedSink sink;
    auto look = storage::look_at_folder(**disk, sink);
    if (!look) return look.error();
    if (auto ours = check_owner(config, id, *look, folder); !ours) return ours.error();
    if (look->refusal) return *look->refusal;
    const raft::Restored& log = look->state;
    for (const raft::Entry& entry : log.tail) sink.committed(entry);
    if (!sink.objection().empty()) return Error{ErrorKind::corrupt, sink.objection()};
    if (log.last_index == LogIndex(0))
        return Error{ErrorKind::usage, fmt::format("{} holds nothing yet", folder)};
    auto self = self_of(config, id, sink);
    if (!self) return self.error();
    survivor.term = log.hard_state.term;
    survivor.end = {log.last_index, last_term(log)};
    survivor.commit = log.commit;
    survivor.self = std::move(*self);
    survivor.others = others_of(config, id, sink);
    survivor.store = std::move(sink.store());
    return survivor;
}

Result<Recovery> recover_folder(const ClusterConfig& config, Survivor& survivor) {
    auto place = place_for(config, survivor);
    if (!place) return place.error();
    // Beside the old folder, or within it.
    const std::string start = place->folder.string() + (place->can_be_renamed ? "." : "/");
    Recovery recovery;
    recovery.cluster_id = random_id();
    recovery.before = name_for_old(start);
    NewFolder folder;
    folder.path = start + "recovered";
    folder.identity = {.cluster_id = recovery.cluster_id,
                       .config_id = config.cluster_id,
                       .node_id = survivor.id,
                       .new_folder = random_id()};
    folder.options = {.segment_bytes = std::uint64_t{config.segment_mib} << 20};
    folder.term = survivor.term;
    raft::Membership alone;
    alone.members.push_back(survivor.self);
    alone.members.front().folder = folder.identity.new_folder;
    alone.cluster = recovery.cluster_id;
    folder.meta = {recovery.cluster_id, survivor.end, raft::encode(alone)};

    std::error_code ignored;
    std::filesystem::remove_all(folder.path, ignored);  // left by a run that was ended
    survivor.store.begin_snapshot();
    std::string chunk;
    auto written = write_new_folder(folder, [&]() -> Result<std::optional<std::string_view>> {
        chunk.clear();
        while (chunk.empty() && survivor.store.read_snapshot(chunk)) {
        }
        return chunk.empty() ? std::nullopt : std::optional<std::string_view>(chunk);
    });
    if (!written) {
        std::filesystem::remove_all(folder.path, ignored);
        return written.error();
    }
    if (auto forgotten = forget_known_members(config.data_path); !forgotten)
        return forgotten.error();
    if (auto placed = put_in_place(*place, folder.path, recovery.before); !placed) {
        std::filesystem::remove_all(folder.path, ignored);
        return Error{placed.error().kind, fmt::format("{}. {} is as it was", placed.error().message,
                                                      place->folder.string())};
    }
    if (auto noted = write_cluster_record(config.data_path, recovery.cluster_id); !noted)
        return noted.error();
    if (auto remembered =
            remember_who_is_left(config, survivor, recovery, folder.identity.new_folder);
        !remembered)
        return remembered.error();
    return recovery;
}

}  // namespace raftkv::cli::backup
