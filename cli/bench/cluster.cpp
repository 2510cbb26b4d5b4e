#include "cli/bench/cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "cli/admin/admin_client.hpp"
#include "cli/admin/members.hpp"
#include "cli/client/connection.hpp"
#include "cli/client/target.hpp"
#include "common/check.hpp"

namespace raftkv::bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds admin_answers_within{500};
// Elections take a tenth of it; who waits longer than this has no cluster there.
constexpr milliseconds leader_within{5'000};

cli::Endpoint endpoint_of(const ServerConfig& node) {
    return {node.id, node.host, node.client_port, node.admin_host, node.admin_port};
}

}  // namespace

Result<Cluster> Cluster::reach(const Setup& setup, const test::Interrupt& interrupt) {
    Cluster cluster;
    auto there = setup.addresses.empty() ? cluster.start(setup) : cluster.take(setup.addresses);
    if (there) there = cluster.find_leader(interrupt);
    if (!there) return there.error();
    return cluster;
}

Result<void> Cluster::start(const Setup& setup) {
    auto folder = test::WorkFolder::create(setup.folder);
    if (!folder) return folder.error();
    folder_.emplace(std::move(*folder));
    test::LocalCluster::Setup local{folder_->path(), setup.node_program, setup.nodes,
                                    std::random_device()()};
    local.snapshot_log_mib = setup.snapshot_log_mib;
    auto own = test::LocalCluster::create(local);
    if (!own) return own.error();
    own_.emplace(std::move(*own));
    for (NodeId id : own_->all()) {
        if (auto started = own_->start(id); !started) return started;
    }
    nodes_ = own_->config().servers;
    return {};
}

Result<void> Cluster::take(const std::vector<std::string>& addresses) {
    for (const std::string& text : addresses) {
        auto node = cli::client::parse_address(text);
        if (!node) {
            return Error{ErrorKind::usage,
                         fmt::format("--nodes {}: this is no host:port of a node's ClientPort, as "
                                     "in localhost:9000",
                                     text)};
        }
        const auto status =
            cli::fetch_status(node->admin_host, node->admin_port, admin_answers_within);
        if (status) node->id = status->id;
        nodes_.push_back(std::move(*node));
    }
    learn_members();
    return {};
}

// Leadership may go to a node that was not named.
void Cluster::learn_members() {
    for (const ServerConfig& node : std::vector<ServerConfig>(nodes_)) {
        if (node.id == cli::unknown_node) continue;
        const auto view =
            cli::fetch_members(node.admin_host, node.admin_port, admin_answers_within);
        if (!view) continue;
        for (const cli::MemberInfo& member : view->members) {
            const bool known =
                std::any_of(nodes_.begin(), nodes_.end(),
                            [&](const ServerConfig& other) { return other.id == member.where.id; });
            if (!known && !member.where.host.empty()) nodes_.push_back(member.where);
        }
        return;
    }
}

Result<void> Cluster::find_leader(const test::Interrupt& interrupt) {
    std::vector<cli::Endpoint> endpoints;
    for (const ServerConfig& node : nodes_) endpoints.push_back(endpoint_of(node));
    cli::ClusterClient client(endpoints, {leader_within, std::nullopt, interrupt.descriptor()});
    protocol::Request probe;  // a read of a key that need not be there
    probe.key = "bench-probe";
    const auto reply = client.call(probe);
    if (!reply) return reply.error();
    // Among nodes whose ids nobody told, the load finds the one that leads by itself.
    const auto leader = std::find_if(nodes_.begin(), nodes_.end(), [&](const ServerConfig& node) {
        return node.id == reply->answered_by;
    });
    if (leader == nodes_.end()) {
        return Error{ErrorKind::failed, fmt::format("node {} leads, and nobody says where it is",
                                                    reply->answered_by.value())};
    }
    leader_ = static_cast<std::size_t>(leader - nodes_.begin());
    return check_alive();
}

Result<void> Cluster::check_alive() {
    return own_ ? own_->check_alive() : Result<void>{};
}

LoadOptions Cluster::aimed(LoadOptions load) const {
    load.servers = servers();
    load.start_at = leader_;
    load.dialect = &raftkv_dialect();
    return load;
}

Result<LoadResult> Cluster::run(const LoadOptions& load, KeySpace& space,
                                const test::Interrupt& interrupt) {
    if (auto found = find_leader(interrupt); !found) return found.error();
    auto result = run_load(aimed(load), space);
    if (auto alive = check_alive(); !alive) return alive.error();
    return result;
}

std::vector<Server> Cluster::servers() const {
    std::vector<Server> servers;
    for (const ServerConfig& node : nodes_) {
        servers.push_back({node.host, node.client_port, node.id});
    }
    return servers;
}

std::string Cluster::name() const {
    if (own_)
        return fmt::format("{} node{} of its own", nodes_.size(), nodes_.size() == 1 ? "" : "s");
    std::string names;
    for (const ServerConfig& node : nodes_) {
        names += fmt::format("{}{}", names.empty() ? "" : ", ", endpoint_of(node).address());
    }
    return names;
}

std::optional<std::filesystem::path> Cluster::folder() const {
    if (!folder_) return std::nullopt;
    return folder_->path();
}

std::vector<pid_t> Cluster::pids() const {
    std::vector<pid_t> pids;
    if (!own_) return pids;
    for (NodeId id : own_->running()) pids.push_back(own_->pid(id));
    return pids;
}

test::LocalCluster& Cluster::own() {
    RAFTKV_CHECK(own_.has_value());
    return *own_;
}

}  // namespace raftkv::bench
