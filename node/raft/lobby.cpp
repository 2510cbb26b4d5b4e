#include "node/raft/lobby.hpp"

#include <algorithm>
#include <utility>

#include "node/raft/quorum.hpp"

namespace raftkv::raft {

Lobby::Lobby(Options options, MonotonicMs now) : options_(std::move(options)), started_(now) {}

bool Lobby::is_server(NodeId id) const {
    const auto& servers = options_.servers;
    return id != options_.self && std::find(servers.begin(), servers.end(), id) != servers.end();
}

void Lobby::heard(const Greeting& greeting) {
    if (!is_server(greeting.from)) return;
    std::erase_if(heard_, [&](const Greeting& old) { return old.from == greeting.from; });
    heard_.push_back(greeting);
    if (refused_ && refused_->from == greeting.from) refused_.reset();  // this is news
}

void Lobby::refused(NodeId by, std::uint64_t cluster) {
    if (cluster != 0 && is_server(by)) refused_ = Greeting{by, {cluster}, false, 0};
}

void Lobby::recorded(std::uint64_t cluster) {
    recorded_ = cluster;
}

void Lobby::told_to_found() {
    told_ = true;
}

// Somebody who lost its disk may have promised what it does not know any more.
bool Lobby::takes_us(const Greeting& greeting) const {
    const bool same_folder = greeting.our_folder == 0 || greeting.our_folder == options_.folder;
    return greeting.claim.cluster != 0 && greeting.knows_us && same_folder;
}

// What is recorded here counts at once. Otherwise most servers have to say so, or after a while all
// that were heard: one may be mistaken.
std::uint64_t Lobby::cluster_to_join(MonotonicMs now) const {
    for (const Greeting& one : heard_) {
        if (!takes_us(one)) continue;
        const std::uint64_t cluster = one.claim.cluster;
        if (recorded_ == cluster) return cluster;
        std::size_t alike = 0, others = 0;
        for (const Greeting& other : heard_) {
            if (takes_us(other) && other.claim.cluster == cluster)
                ++alike;
            else if (other.claim.cluster != 0)
                ++others;
        }
        const bool by_most = alike >= majority(options_.servers.size());
        if (recorded_ == 0 && (by_most || (others == 0 && !is_patient(now)))) return cluster;
    }
    return 0;
}

// It has met a cluster that exists, and so makes none.
std::optional<LobbyVerdict> Lobby::waits_for_cluster(const Claim& own) const {
    std::optional<LobbyVerdict> found;
    for (const Greeting& greeting : heard_) {
        const std::uint64_t cluster = greeting.claim.cluster;
        if (cluster == 0 || cluster == own.founding) continue;
        const Waits waits = takes_us(greeting)  ? Waits::more_members
                            : greeting.knows_us ? Waits::disk_is_empty
                                                : Waits::not_a_member;
        // What it can do something about comes first.
        if (!found || waits < found->waits) found = {false, 0, waits, cluster, greeting.from};
    }
    if (!found && refused_ && refused_->claim.cluster != own.founding)
        found = {false, 0, Waits::disk_is_empty, refused_->claim.cluster, refused_->from};
    return found;
}

bool Lobby::met_all() const {
    return std::all_of(options_.servers.begin(), options_.servers.end(), [&](NodeId server) {
        return server == options_.self ||
               std::any_of(heard_.begin(), heard_.end(),
                           [&](const Greeting& one) { return one.from == server; });
    });
}

LobbyVerdict Lobby::verdict(const Claim& own, MonotonicMs now) const {
    if (own.cluster != 0) return {};
    if (const std::uint64_t cluster = cluster_to_join(now); cluster != 0 && cluster != own.founding)
        return {.join = cluster};
    const bool is_recorded = recorded_ != 0 && recorded_ != own.founding;
    if (auto waits = waits_for_cluster(own);
        waits && !(is_recorded && waits->waits == Waits::more_members))
        return *waits;
    if (is_recorded) return {.waits = Waits::recorded, .cluster = recorded_};
    // What was begun may be finished.
    if (own.founding != 0) return {.may_found = true};
    if (options_.only_when_told && !told_) return {.waits = Waits::order};
    if (!met_all() && is_patient(now)) return {.waits = Waits::others};
    return {.may_found = true};
}

}  // namespace raftkv::raft
