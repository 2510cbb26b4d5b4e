#include "node/server/cluster_advice.hpp"

#include <fmt/format.h>

namespace raftkv::server {

std::string advice_about(NodeId other, std::uint64_t its, std::uint64_t ours) {
    return fmt::format(
        "node {} belongs to cluster {:016x}, and this node to cluster {:016x}: they never exchange "
        "data (\"raftkv node verify FOLDER\" says what is in a folder). If only one of the two is "
        "wanted, then on each machine that has data of the other: \"raftkv cluster down\"; "
        "\"raftkv cluster recover --force --cluster-id\" with the id of the one that is wanted, "
        "which moves that data away; \"raftkv cluster up\"",
        other.value(), its, ours);
}

std::string advice_about_record(const std::string& where, std::uint64_t recorded,
                                const std::string& folder, std::uint64_t ours) {
    return fmt::format(
        "{} says that this is a place of cluster {:016x}, and {} is of cluster {:016x}: commands "
        "that are given here are meant for the first. If this folder is of an old cluster, end the "
        "node and move it away; if it is the right one, remove {}",
        where, recorded, folder, ours, where);
}

std::string why_no_member(wire::Refusal::Reason reason, const std::string& folder) {
    if (reason == wire::Refusal::Reason::removed)
        return "a majority of the members says that this node was removed from the cluster, so it "
               "ends. Its folder is of no more use to the cluster: " +
               folder;
    return "a majority of the members knows the member with this id by another data folder than " +
           folder +
           ". Put the right one back; if it is lost, remove the member with \"raftkv cluster "
           "remove\", and add it anew";
}

namespace {

// What makes it one of a cluster that would take it in, whatever else was heard or is recorded.
std::string how_to_join(std::uint64_t cluster) {
    return fmt::format(
        "\"raftkv cluster down\", \"raftkv cluster recover --force --cluster-id {:016x}\" and "
        "\"raftkv cluster up\" on this machine",
        cluster);
}

std::string reason_to_wait(const raft::LobbyVerdict& verdict, NodeId self,
                           const std::string& where) {
    const std::uint32_t id = self.value();
    const std::uint32_t met = verdict.met ? verdict.met->value() : 0;
    switch (verdict.waits) {
        case raft::Waits::nothing:
            return "";
        case raft::Waits::others:
            return "";
        case raft::Waits::order:
            return "the data folder is empty, and config.json forbids automatic bootstrap: "
                   "\"raftkv cluster bootstrap\" makes a new cluster";
        case raft::Waits::disk_is_empty:
            return fmt::format(
                "the data folder is empty, but node {} of cluster {:016x} knows node {} by another "
                "one. If its disk is not mounted, mount it and start the node again; if it is "
                "lost, \"raftkv cluster remove {}\" and then \"raftkv cluster add {}\" (or "
                "\"replace\") brings the node back",
                met, verdict.cluster, id, id, id);
        case raft::Waits::not_a_member:
            return fmt::format(
                "the data folder is empty, and node {} is no member of cluster {:016x}, which node "
                "{} belongs to: \"raftkv cluster add {}\" makes it one",
                id, verdict.cluster, met, id);
        case raft::Waits::more_members:
            return fmt::format(
                "the data folder is empty. Node {} of cluster {:016x} would take this node in; it "
                "waits until more servers of config.json say so, and none that it has heard "
                "belongs to another one: start them, and look at \"raftkv cluster status\". If "
                "this cluster is the right one for certain: {}",
                met, verdict.cluster, how_to_join(verdict.cluster));
        case raft::Waits::recorded:
            return fmt::format(
                "the data folder is empty, but a cluster was bootstrapped here before ({} says "
                "so), and no member of it answers. If a disk is not mounted, mount it and start "
                "the node again; if it is lost, start the other members, then \"raftkv cluster "
                "remove {}\" and \"raftkv cluster add {}\" brings the node back. Only to start "
                "over without the data of all: \"raftkv cluster down --wipe\", or remove {}",
                where, id, id, where);
    }
    return "";
}

}  // namespace

std::string why_it_waits(const raft::LobbyVerdict& verdict, NodeId self, const std::string& where) {
    std::string why = reason_to_wait(verdict, self, where);
    if (verdict.offered == 0) return why;
    return why + fmt::format(
                     ". But node {} of cluster {:016x} would take this node in. If that is the "
                     "right one: {}",
                     verdict.offered_by ? verdict.offered_by->value() : 0, verdict.offered,
                     how_to_join(verdict.offered));
}

}  // namespace raftkv::server
