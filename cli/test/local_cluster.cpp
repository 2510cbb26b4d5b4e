#include "cli/test/local_cluster.hpp"

#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "common/check.hpp"

namespace raftkv::test {
namespace {

std::string config_text(const LocalCluster::Setup& setup, const PortBlock& ports) {
    nlohmann::ordered_json config;
    config["Path"] = "data";
    if (setup.segment_mib) config["SegmentMiB"] = *setup.segment_mib;
    if (setup.snapshot_log_mib) config["SnapshotLogMiB"] = *setup.snapshot_log_mib;
    for (std::uint32_t id = 0; id < setup.nodes; ++id) {
        config["Servers"].push_back({{"Id", id},
                                     {"Hostname", "127.0.0.1"},
                                     {"ClientPort", ports.port(3 * id)},
                                     {"LogPort", ports.port(3 * id + 1)},
                                     {"AdminPort", ports.port(3 * id + 2)},
                                     {"AdminHost", "127.0.0.1"}});
    }
    return config.dump(2) + "\n";
}

std::string last_line(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string line, last;
    while (std::getline(in, line)) {
        if (!line.empty()) last = line;
    }
    return last;
}

}  // namespace

Result<LocalCluster> LocalCluster::create(const Setup& setup) {
    auto ports = PortBlock::reserve(setup.random);
    if (!ports) return ports.error();
    LocalCluster cluster(setup, std::move(ports).value());
    const auto file = setup.folder / "config.json";
    std::ofstream(file) << config_text(setup, cluster.ports_);
    auto config = load_config(file);
    if (!config) return config.error();
    cluster.config_ = std::move(config).value();
    for (std::uint32_t id = setup.nodes; id < setup.nodes + setup.spares; ++id) {
        ServerConfig spare;
        spare.id = NodeId(id);
        spare.host = spare.admin_host = "127.0.0.1";
        spare.client_port = cluster.ports_.port(3 * id);
        spare.log_port = cluster.ports_.port(3 * id + 1);
        spare.admin_port = cluster.ports_.port(3 * id + 2);
        cluster.config_.servers.push_back(spare);
    }
    return cluster;
}

std::vector<NodeId> LocalCluster::all() const {
    std::vector<NodeId> ids;
    for (const ServerConfig& server : config_.servers) ids.push_back(server.id);
    return ids;
}

std::vector<NodeId> LocalCluster::first() const {
    std::vector<NodeId> ids = all();
    ids.resize(setup_.nodes);
    return ids;
}

std::vector<NodeId> LocalCluster::spares() const {
    const std::vector<NodeId> ids = all();
    return {ids.begin() + setup_.nodes, ids.end()};
}

// Somebody who runs, if anybody does.
std::string LocalCluster::whom_to_join(NodeId joining) const {
    NodeId asked = joining;
    for (const auto& [other, child] : children_) {
        if (!child.paused) asked = other;
    }
    const ServerConfig& server = *config_.find(asked);
    return fmt::format("{}:{}", server.admin_host, server.admin_port);
}

std::vector<NodeId> LocalCluster::running() const {
    std::vector<NodeId> ids;
    for (const auto& [id, child] : children_) ids.push_back(id);
    return ids;
}

bool LocalCluster::is_paused(NodeId id) const {
    const auto child = children_.find(id);
    return child != children_.end() && child->second.paused;
}

std::filesystem::path LocalCluster::log_file(NodeId id) const {
    return setup_.folder / fmt::format("node-{}.log", id.value());
}

std::uint64_t LocalCluster::disk_bytes(NodeId id) const {
    std::uint64_t bytes = 0;
    std::error_code error;
    // The node makes and removes files meanwhile: what is gone when its turn comes counts nothing.
    for (const auto& entry : std::filesystem::directory_iterator(config_.node_path(id), error)) {
        const std::uint64_t size = entry.file_size(error);
        if (!error) bytes += size;
    }
    return bytes;
}

Result<void> LocalCluster::start(NodeId id, bool joins) {
    RAFTKV_CHECK(!is_running(id));
    cli::ChildSpec spec;
    spec.program = setup_.node_program;
    spec.arguments = {"node", std::to_string(id.value()), "--config",
                      (setup_.folder / "config.json").string()};
    if (setup_.allow_faults) spec.arguments.emplace_back("--allow-faults");
    if (joins) joined_.insert(id);
    if (joined_.count(id) != 0)
        spec.arguments.insert(spec.arguments.end(), {"--join", whom_to_join(id)});
    spec.output_file = log_file(id);
    auto process = cli::ChildProcess::start(spec);
    if (!process) return process.error();
    children_.emplace(id, Child{std::move(process).value()});
    return {};
}

void LocalCluster::kill(NodeId id) {
    const auto child = children_.find(id);
    RAFTKV_CHECK(child != children_.end());
    child->second.process.kill();
    children_.erase(child);
}

void LocalCluster::kill_all() {
    // First the signals, then the waiting: no node gets to see the others die one by one.
    for (auto& [id, child] : children_) child.process.signal(SIGKILL);
    children_.clear();
}

Result<void> LocalCluster::stop(NodeId id) {
    constexpr std::chrono::milliseconds grace{10'000};
    const auto child = children_.find(id);
    RAFTKV_CHECK(child != children_.end());
    const cli::ChildEnd end = child->second.process.stop(grace);
    children_.erase(child);
    if (!end.signalled && end.code == 0) return {};
    return Error{ErrorKind::failed, fmt::format("node {} was asked to end, and ended with {}",
                                                id.value(), describe(end))};
}

Result<void> LocalCluster::wait_for_end(NodeId id, int code, std::chrono::milliseconds limit) {
    const auto child = children_.find(id);
    RAFTKV_CHECK(child != children_.end());
    if (!child->second.process.wait_for(limit))
        return Error{ErrorKind::failed, fmt::format("node {} does not end by itself within {} s",
                                                    id.value(), limit.count() / 1000)};
    const auto end = child->second.process.poll();
    children_.erase(child);
    if (end && !end->signalled && end->code == code) return {};
    return Error{ErrorKind::failed,
                 fmt::format("node {} ended with {} instead of {}; its last words: {}", id.value(),
                             end ? describe(*end) : "nothing", code, last_line(log_file(id)))};
}

Result<void> LocalCluster::wipe(NodeId id) {
    RAFTKV_CHECK(!is_running(id));
    std::error_code error;
    std::filesystem::remove_all(config_.node_path(id), error);
    joined_.erase(id);
    if (!error) return {};
    return Error{ErrorKind::io,
                 fmt::format("removing the folder of node {}: {}", id.value(), error.message())};
}

void LocalCluster::pause(NodeId id) {
    Child& child = children_.at(id);
    child.process.signal(SIGSTOP);
    child.paused = true;
}

void LocalCluster::resume(NodeId id) {
    Child& child = children_.at(id);
    child.process.signal(SIGCONT);
    child.paused = false;
}

Result<void> LocalCluster::check_alive() {
    for (auto child = children_.begin(); child != children_.end();) {
        const NodeId id = child->first;
        const auto end = child->second.process.poll();
        if (!end) {
            ++child;
            continue;
        }
        if (end->signalled || expected_ends_.erase({id, end->code}) == 0)
            return Error{ErrorKind::failed,
                         fmt::format("node {} ended by itself with {}; its last words: {}",
                                     id.value(), describe(*end), last_line(log_file(id)))};
        ended_.emplace(id, end->code);
        child = children_.erase(child);
    }
    return {};
}

}  // namespace raftkv::test
