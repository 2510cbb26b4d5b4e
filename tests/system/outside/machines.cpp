#include "tests/system/outside/machines.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <utility>

#include "tests/system/outside/private_world.hpp"

namespace raftkv::system_test {
namespace {

using std::chrono::milliseconds;

template <class T>
T must(Result<T> result) {
    if (!result.ok()) {
        ADD_FAILURE() << result.error().message;
        std::abort();
    }
    return std::move(result).value();
}

protocol::Request request(protocol::Op op, std::string_view key, std::string_view value = "") {
    protocol::Request request;
    request.op = op;
    request.key = key;
    request.value = value;
    return request;
}

}  // namespace

// The network is nobody else's, so any ports are free.
std::string config_of_machines(std::uint32_t nodes) {
    std::string servers;
    for (std::uint32_t id = 0; id < nodes; ++id) {
        servers += fmt::format(
            R"({}{{"Id": {}, "Hostname": "{}", "ClientPort": 9000, "LogPort": 9001, )"
            R"("AdminPort": 9002, "AdminHost": "{}"}})",
            id == 0 ? "" : ", ", id, PrivateWorld::address(id), PrivateWorld::address(id));
    }
    return R"({"Path": "data", "Servers": [)" + servers + "]}";
}

Machines::Machines(std::uint32_t nodes, std::optional<std::uint64_t> disk_bytes)
    : work_(must(test::WorkFolder::create())), has_disks_(disk_bytes.has_value()) {
    std::ofstream(work_.path() / "config.json") << config_of_machines(nodes);
    config_ = must(load_config(work_.path() / "config.json"));
    writer_.emplace(config_, std::chrono::seconds(10));
    for (NodeId id : all()) {
        auto added = PrivateWorld::add_node(id.value());
        EXPECT_TRUE(added.ok()) << added.error().message;
        if (disk_bytes) {
            auto mounted = PrivateWorld::mount_small(config_.node_path(id), *disk_bytes);
            EXPECT_TRUE(mounted.ok()) << mounted.error().message;
        }
        start(id);
    }
}

Machines::~Machines() {
    children_.clear();
    for (NodeId id : all()) {
        if (has_disks_) PrivateWorld::unmount(config_.node_path(id));
    }
}

void Machines::start(NodeId id) {
    std::string number = std::to_string(id.value());
    cli::ChildSpec spec;
    spec.program = "/bin/sh";
    spec.arguments = {
        "-c",       "PATH=/usr/sbin:/sbin:$PATH exec ip netns exec node-" + number + " \"$@\"",
        "sh",       RAFTKV_BINARY,
        "node",     number,
        "--config", (work_.path() / "config.json").string()};
    spec.output_file = work_.path() / ("node-" + number + ".log");
    children_.erase(id);
    children_.emplace(id, must(cli::ChildProcess::start(spec)));
}

void Machines::kill(NodeId id) {
    children_.at(id).kill();
}

std::vector<NodeId> Machines::all() const {
    std::vector<NodeId> ids;
    for (const ServerConfig& server : config_.servers) ids.push_back(server.id);
    return ids;
}

std::vector<NodeId> Machines::others(NodeId id) const {
    std::vector<NodeId> ids = all();
    std::erase(ids, id);
    return ids;
}

std::optional<cli::NodeStatus> Machines::status(NodeId id) const {
    const ServerConfig& server = *config_.find(id);
    auto status = cli::fetch_status(server.admin_host, server.admin_port, milliseconds(2000));
    return status ? std::optional(*status) : std::nullopt;
}

NodeId Machines::leader_of(const std::vector<NodeId>& nodes) const {
    std::optional<NodeId> found;
    bool agreed = comes_true([&] {
        std::set<std::optional<NodeId>> leaders;
        for (NodeId id : nodes) {
            auto seen = status(id);
            leaders.insert(seen ? seen->leader : std::nullopt);
        }
        found = *leaders.begin();
        return leaders.size() == 1 && found && std::count(nodes.begin(), nodes.end(), *found) == 1;
    });
    EXPECT_TRUE(agreed) << "no leader is agreed on";
    return found.value_or(NodeId(0));
}

void Machines::expect_level() const {
    bool level = comes_true([this] {
        std::set<std::string> states;
        for (NodeId id : all()) {
            auto seen = status(id);
            if (!seen || seen->applied != seen->last_index) return false;
            states.insert(seen->state_hash + std::to_string(seen->applied.value()));
        }
        return states.size() == 1;
    });
    EXPECT_TRUE(level) << "the nodes do not become equal";
}

void Machines::set_one(const std::string& value) {
    bool acknowledged = comes_true([&] {
        std::string key = "k" + std::to_string(keys_++);
        auto reply = writer_->call(request(protocol::Op::set, key, value));
        if (!reply || reply->kind != protocol::ReplyKind::ok) return false;
        acknowledged_[key] = value;
        return true;
    });
    EXPECT_TRUE(acknowledged) << "no write is served";
}

void Machines::expect_nothing_lost() const {
    cli::ClusterClient client(config_, std::chrono::seconds(20));
    for (const auto& [key, value] : acknowledged_) {
        auto reply = client.call(request(protocol::Op::get, key));
        ASSERT_TRUE(reply.ok()) << key << ": " << reply.error().message;
        ASSERT_TRUE(reply->value == value) << key;
    }
}

}  // namespace raftkv::system_test
