#include "cli/cluster/preflight.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <system_error>
#include <utility>

#include "cli/cluster/control_client.hpp"
#include "cli/cluster/port_check.hpp"
#include "cli/cluster/process_identity.hpp"
#include "common/private_files.hpp"

namespace raftkv::cli {

namespace {

std::string unresolved(const ServerConfig& server, const Whereabouts& where) {
    return fmt::format("where node {} is is not known yet, and asked again and again: {}",
                       server.id.value(), where.trouble);
}

}  // namespace

std::string loopback_note(const ServerConfig& server, const Whereabouts& where) {
    return fmt::format(
        "node {0}: its host name \"{1}\" means {2} here, a loopback address, so no other "
        "machine reaches it: give {1} its address of the network in /etc/hosts or the "
        "name server, or put that address into config.json",
        server.id.value(), server.host, where.address);
}

Result<Places> places_of(const ClusterConfig& config) {
    std::vector<std::future<Whereabouts>> asked;
    for (const ServerConfig& server : config.servers)
        asked.push_back(std::async(std::launch::async, whereabouts_of, server.host));
    Places places;
    std::vector<std::string> loopback;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const ServerConfig& server = config.servers[i];
        const Whereabouts where = asked[i].get();
        if (where.here) places.here.push_back(server.id);
        if (where.loopback_only) loopback.push_back(loopback_note(server, where));
        if (where.is_known) continue;
        places.unknown.push_back(server.id);
        places.notes.push_back(unresolved(server, where));
    }
    // On one machine alone that is how it should be.
    const bool spans = places.here.size() < config.servers.size();
    if (spans) places.notes.insert(places.notes.end(), loopback.begin(), loopback.end());
    if (!places.here.empty() || !places.unknown.empty()) return places;
    return Error{ErrorKind::usage,
                 fmt::format("none of the {} hosts in config.json is this machine (the first is "
                             "{}): put this machine's name there, or localhost",
                             config.servers.size(), config.servers.front().host)};
}

Result<std::vector<NodeId>> nodes_here(const ClusterConfig& config) {
    auto places = places_of(config);
    if (!places) return places.error();
    if (!places->here.empty()) return std::move(places->here);
    return Error{ErrorKind::unavailable,
                 fmt::format("which nodes are of this machine cannot be told: {}",
                             fmt::join(places->notes, "; "))};
}

Result<FileLock> lock_cluster(const ClusterPaths& paths) {
    std::error_code ec;
    create_private_folders(paths.data, ec);
    if (ec) {
        return Error{ErrorKind::io, fmt::format("creating the data folder {}: {}; \"Path\" in "
                                                "config.json says where it is",
                                                paths.data.string(), ec.message())};
    }
    // Before anything there is believed, or written: also the pid files say whom to end.
    if (auto folder = check_socket_folder(paths.data); !folder) return folder.error();
    auto lock = FileLock::try_take(paths.lock());
    if (!lock) return lock.error();
    if (!*lock) {
        int pid = supervisor_pid(paths);
        std::string who = pid ? fmt::format("pid {}", pid) : "of unknown pid";
        return Error{ErrorKind::failed,
                     fmt::format("a supervisor ({}) already runs this cluster in {}; \"raftkv "
                                 "cluster status\" shows it, \"raftkv cluster down\" ends it",
                                 who, paths.data.string())};
    }
    FileLock held = std::move(**lock);
    if (auto self = identify(::getpid())) {
        if (auto written = held.write(to_text(*self)); !written) return written.error();
    }
    return held;
}

Result<FileLock> lock_when_free(const ClusterPaths& paths, std::chrono::milliseconds limit,
                                const std::function<bool()>& is_ending) {
    constexpr int pace_ms = 20;
    auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
        auto lock = lock_cluster(paths);
        bool held = !lock && lock.error().kind == ErrorKind::failed;
        if (!held || std::chrono::steady_clock::now() >= deadline || !is_ending()) return lock;
        ::poll(nullptr, 0, pace_ms);
    }
}

Result<FileLock> lock_as_supervisor(const ClusterPaths& paths) {
    constexpr std::chrono::milliseconds dies_within{2000};
    constexpr std::chrono::milliseconds answers_within{500};
    return lock_when_free(paths, dies_within,
                          [&] { return !fetch_view(paths.socket(), answers_within).ok(); });
}

int supervisor_pid(const ClusterPaths& paths) {
    auto identity = read_pid_file(paths.lock());
    return identity && is_alive(*identity) ? identity->pid : 0;
}

Result<std::vector<std::string>> end_leftovers(const ClusterPaths& paths,
                                               const std::vector<NodeId>& nodes) {
    constexpr std::chrono::milliseconds grace{3000};
    std::vector<std::string> ended;
    for (NodeId id : nodes) {
        // A pid file may be that of a copied folder, and its process another cluster's.
        const auto identity = read_pid_file(paths.node_pid(id));
        if (identity && is_alive(*identity) && has_open(*identity, paths.node_lock(id))) {
            if (auto result = end_process(*identity, grace); !result) return result.error();
            ended.push_back(fmt::format("ended node {} (pid {}), which an earlier supervisor left",
                                        id.value(), identity->pid));
        }
        std::error_code ignored;
        std::filesystem::remove(paths.node_pid(id), ignored);
    }
    return ended;
}

Result<void> check_all_ports(const ClusterConfig& config, const std::vector<NodeId>& nodes) {
    for (NodeId id : nodes) {
        if (auto free = check_ports(*config.find(id)); !free) return free;
    }
    return {};
}

}  // namespace raftkv::cli
