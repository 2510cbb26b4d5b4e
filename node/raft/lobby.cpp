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
    const auto is_older = [&](const Greeting& old) { return old.from == greeting.from; };
    std::erase_if(heard_, is_older);
    heard_.push_back(greeting);
    std::erase_if(refused_, is_older);
}

void Lobby::refused(NodeId by, std::uint64_t cluster, bool knows_us) {
    if (cluster == 0 || !is_server(by)) return;
    std::erase_if(refused_, [&](const Greeting& old) { return old.from == by; });
    refused_.push_back(Greeting{by, {cluster}, knows_us, 0});
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

// What it can do something about first; of the cluster that is recorded here, if there is one.
bool Lobby::comes_before(const LobbyVerdict& one, const LobbyVerdict& other) const {
    const bool recorded = one.cluster == recorded_, other_recorded = other.cluster == recorded_;
    if (recorded != other_recorded) return recorded;
    return one.waits != other.waits ? one.waits < other.waits : one.met < other.met;
}

// It has met a cluster that exists, and so makes none.
std::optional<LobbyVerdict> Lobby::waits_for_cluster(const Claim& own) const {
    std::optional<LobbyVerdict> found;
    const auto consider = [&](const Greeting& greeting, Waits waits) {
        const std::uint64_t cluster = greeting.claim.cluster;
        if (cluster == 0 || cluster == own.founding) return;
        const LobbyVerdict verdict{.waits = waits, .cluster = cluster, .met = greeting.from};
        if (!found || comes_before(verdict, *found)) found = verdict;
    };
    for (const Greeting& greeting : heard_)
        consider(greeting, takes_us(greeting)  ? Waits::more_members
                           : greeting.knows_us ? Waits::disk_is_empty
                                               : Waits::not_a_member);
    if (found && found->cluster == recorded_) return found;
    for (const Greeting& refusal : refused_)
        consider(refusal, refusal.knows_us ? Waits::disk_is_empty : Waits::not_a_member);
    return found;
}

bool Lobby::met_all() const {
    return std::all_of(options_.servers.begin(), options_.servers.end(), [&](NodeId server) {
        return server == options_.self ||
               std::any_of(heard_.begin(), heard_.end(),
                           [&](const Greeting& one) { return one.from == server; });
    });
}

bool Lobby::has_heard_only_of(std::uint64_t cluster) const {
    const auto other = [&](const Greeting& one) {
        return one.claim.cluster != 0 && one.claim.cluster != cluster;
    };
    return std::none_of(heard_.begin(), heard_.end(), other) &&
           std::none_of(refused_.begin(), refused_.end(), other);
}

LobbyVerdict Lobby::verdict(const Claim& own, MonotonicMs now) const {
    LobbyVerdict verdict = decide(own, now);
    if (verdict.cluster == 0) return verdict;
    verdict.undisputed = !is_patient(now) && has_heard_only_of(verdict.cluster);
    for (const Greeting& greeting : heard_) {
        if (!takes_us(greeting) || greeting.claim.cluster == verdict.cluster) continue;
        verdict.offered = greeting.claim.cluster;
        verdict.offered_by = greeting.from;
    }
    return verdict;
}

LobbyVerdict Lobby::decide(const Claim& own, MonotonicMs now) const {
    if (own.cluster != 0) return {};
    if (const std::uint64_t cluster = cluster_to_join(now); cluster != 0 && cluster != own.founding)
        return {.join = cluster};
    const bool is_recorded = recorded_ != 0 && recorded_ != own.founding;
    if (auto waits = waits_for_cluster(own);
        waits &&
        !(is_recorded && (waits->waits == Waits::more_members || waits->cluster != recorded_)))
        return *waits;
    if (is_recorded) return {.waits = Waits::recorded, .cluster = recorded_};
    // What was begun may be finished.
    if (own.founding != 0) return {.may_found = true};
    if (options_.only_when_told && !told_) return {.waits = Waits::order};
    if (!met_all() && is_patient(now)) return {.waits = Waits::others};
    return {.may_found = true};
}

}  // namespace raftkv::raft
