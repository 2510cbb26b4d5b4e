#include "node/server/belonging.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "common/cluster_record.hpp"
#include "common/log.hpp"
#include "node/server/admin/order_answers.hpp"
#include "node/server/cluster_advice.hpp"

namespace raftkv::server {
namespace {

raft::Lobby::Options lobby_options(const ClusterConfig& config, NodeId id, std::uint64_t folder) {
    raft::Lobby::Options options;
    options.self = id;
    for (const ServerConfig& server : config.servers) options.servers.push_back(server.id);
    options.folder = folder;
    options.only_when_told = config.explicit_bootstrap;
    return options;
}

}  // namespace

Belonging::Belonging(const ClusterConfig& config, NodeId id, std::uint64_t folder,
                     std::uint64_t new_cluster, MonotonicMs now)
    : config_(config),
      id_(id),
      new_cluster_(new_cluster),
      lobby_(lobby_options(config, id, folder), now) {
    look_for_record();
}

void Belonging::look_for_record() {
    const auto record = find_cluster_record(config_.data_path, id_);
    lobby_.recorded(record ? record->cluster : 0);
    recorded_where_ = record ? record->where.string() : "";
}

void Belonging::on_hello(const wire::Hello& hello) {
    if (claim_.cluster != 0) {
        if (raft::meet(claim_, hello.claim()) == raft::Meeting::strangers)
            note_foreigner(hello.from, hello.cluster_id);
        return;
    }
    // Others on this machine may have made one meanwhile.
    if (hello.cluster_id != 0) look_for_record();
    lobby_.heard({hello.from, hello.claim(), hello.is_member, hello.known_folder});
}

void Belonging::on_refused(NodeId peer, const wire::Refusal& refusal) {
    if (refusal.cluster == 0) return;
    if (claim_.cluster != 0) {
        if (refusal.reason == wire::Refusal::Reason::other_cluster &&
            refusal.cluster != claim_.cluster)
            note_foreigner(peer, refusal.cluster);
        return;
    }
    lobby_.refused(peer, refusal.cluster, refusal.reason != wire::Refusal::Reason::not_a_member);
}

void Belonging::note_foreigner(NodeId peer, std::uint64_t cluster) {
    if (config_.find(peer) == nullptr) return;  // so there are no more than it has servers
    const auto known = std::find_if(foreigners_.begin(), foreigners_.end(),
                                    [&](const auto& one) { return one.first == peer; });
    if (known == foreigners_.end())
        foreigners_.emplace_back(peer, cluster);
    else
        known->second = cluster;
}

AdminAnswer Belonging::bootstrap() {
    if (claim_.cluster != 0)
        return say(conflict, fmt::format("this node belongs to cluster {:016x}", claim_.cluster));
    if (!waits_.empty() && !config_.explicit_bootstrap) return say(conflict, waits_);
    look_for_record();
    if (!recorded_where_.empty() && claim_.founding == 0)
        return say(conflict, "a cluster was bootstrapped here before, as " + recorded_where_ +
                                 " says; to start over without its data, remove that");
    lobby_.told_to_found();
    return {200, "text/plain", "ok\n"};
}

void Belonging::note_record(std::uint64_t cluster) {
    if (auto written = write_cluster_record(config_.data_path, cluster); !written)
        log::warn(
            "without a record that a cluster was bootstrapped here, this node may take an "
            "empty disk for a beginning: " +
            written.error().message);
    look_for_record();
}

void Belonging::belongs_now(const replica::Replica& replica) {
    waits_.clear();
    if (had_cluster_) {
        log::info(fmt::format("belongs to cluster {:016x}", claim_.cluster));
    } else if (claim_.cluster == new_cluster_) {
        std::vector<std::uint32_t> ids;
        for (const raft::Member& member : replica.members().members)
            ids.push_back(member.id.value());
        log::info(
            fmt::format("bootstrapped cluster {:016x} with a majority of the servers of "
                        "config.json ({}), all of them empty",
                        claim_.cluster, fmt::join(ids, ", ")));
    } else {
        log::info(fmt::format("belongs to cluster {:016x} from now on", claim_.cluster));
    }
    const auto record = find_cluster_record(config_.data_path, id_);
    const bool in_file = record && record->where == cluster_record_file(config_.data_path);
    if (in_file && record->cluster == claim_.cluster) return;
    // An old folder that somebody starts from does not make this the old cluster's place again.
    if (had_cluster_ && in_file && record->cluster != unknown_cluster)
        return log::warn(advice_about_record(record->where.string(), record->cluster,
                                             config_.node_path(id_).string(), claim_.cluster));
    note_record(claim_.cluster);
}

void Belonging::observe(replica::Replica& replica, PeerHub& peers, MonotonicMs now) {
    const raft::LobbyVerdict verdict = lobby_.verdict(replica.claim(), now);
    replica.allow_founding(verdict.may_found);
    if (verdict.join != 0) replica.join_cluster(verdict.join);
    const raft::Claim claim = replica.claim();
    const bool takes_part =
        claim.cluster != 0 || verdict.may_found || verdict.waits == raft::Waits::others;
    if (!observed_) had_cluster_ = claim.cluster != 0;
    if (!observed_ || claim != claim_ || takes_part != takes_part_)
        peers.set_claim(claim, takes_part);
    if (verdict.join != 0) peers.begin_anew();
    const bool is_new = claim.cluster != 0 && (!observed_ || claim_.cluster == 0);
    observed_ = true;
    claim_ = claim;
    takes_part_ = takes_part;
    if (is_new) return belongs_now(replica);
    if (claim.cluster != 0) return;
    // So that it is known after a restart, too, when nobody may be there to say it. One server of
    // another cluster, which was left behind, must not keep this one from the right one.
    if (verdict.undisputed && claim.founding == 0 && recorded_where_.empty())
        note_record(verdict.cluster);
    std::string waits = why_it_waits(verdict, id_, recorded_where_);
    if (waits == waits_) return;
    waits_ = std::move(waits);
    if (!waits_.empty()) log::warn("waits: " + waits_);
}

}  // namespace raftkv::server
