#include "node/server/cluster_advice.hpp"

#include <fmt/format.h>

namespace raftkv::server {

std::string advice_about(NodeId other, std::uint64_t its, std::uint64_t ours) {
    return fmt::format(
        "node {} belongs to cluster {:016x}, and this node to cluster {:016x}: they never exchange "
        "data. If the data of one of them is not wanted, stop it, move its folder away and start "
        "it again (\"raftkv node verify FOLDER\" says what is in a folder)",
        other.value(), its, ours);
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

std::string why_it_waits(const raft::LobbyVerdict& verdict, NodeId self, const std::string& where) {
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
                "waits until more servers of config.json say so: start them, and look at "
                "\"raftkv cluster status\"",
                met, verdict.cluster);
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

}  // namespace raftkv::server
