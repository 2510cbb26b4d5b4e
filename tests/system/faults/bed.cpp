#include "tests/system/faults/bed.hpp"

#include <algorithm>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <utility>

#include "cli/admin/leader.hpp"
#include "cli/fault/cluster_faults.hpp"

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

test::LocalCluster::Setup setup_in(const std::filesystem::path& folder, std::uint32_t nodes,
                                   bool allow_faults,
                                   std::optional<std::uint32_t> snapshot_log_mib) {
    test::LocalCluster::Setup setup;
    setup.folder = folder;
    setup.node_program = RAFTKV_BINARY;
    setup.nodes = nodes;
    setup.random = std::random_device{}();
    setup.allow_faults = allow_faults;
    setup.snapshot_log_mib = snapshot_log_mib;
    if (snapshot_log_mib) setup.segment_mib = 4;
    return setup;
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

}  // namespace

FaultBed::FaultBed(std::uint32_t nodes, bool allow_faults,
                   std::optional<std::uint32_t> snapshot_log_mib)
    : work_(must(test::WorkFolder::create())),
      cluster_(must(test::LocalCluster::create(
          setup_in(work_.path(), nodes, allow_faults, snapshot_log_mib)))) {
    for (NodeId id : cluster_.all()) EXPECT_TRUE(cluster_.start(id).ok());
}

cli::ClusterClient FaultBed::client(milliseconds limit) const {
    return cli::ClusterClient(config(), limit);
}

void FaultBed::fault(const std::string& words) {
    auto find_leader = [this] { return cli::current_leader(config()); };
    auto plan = cli::plan_faults(words_of(words), config(), find_leader);
    ASSERT_TRUE(plan.ok()) << words << ": " << plan.error().message;
    auto applied = cli::apply_plan(config(), *plan);
    ASSERT_TRUE(applied.ok()) << words << ": " << applied.error().message;
}

void FaultBed::heal() {
    auto healed = cli::heal(config());
    ASSERT_TRUE(healed.ok()) << healed.error().message;
}

std::optional<cli::NodeStatus> FaultBed::status(NodeId id) const {
    const ServerConfig& server = *config().find(id);
    auto status = cli::fetch_status(server.admin_host, server.admin_port, milliseconds(2000));
    return status ? std::optional(*status) : std::nullopt;
}

NodeId FaultBed::leader_of(const std::vector<NodeId>& nodes) const {
    std::optional<NodeId> found;
    bool agreed = comes_true([&] {
        std::set<Term> terms;
        std::set<std::optional<NodeId>> leaders;
        for (NodeId id : nodes) {
            auto seen = status(id);
            if (!seen) return false;
            terms.insert(seen->term);
            leaders.insert(seen->leader);
        }
        found = *leaders.begin();
        return terms.size() == 1 && leaders.size() == 1 && found &&
               std::count(nodes.begin(), nodes.end(), *found) == 1;
    });
    EXPECT_TRUE(agreed) << "no leader is agreed on";
    return found.value_or(NodeId(0));
}

std::vector<NodeId> FaultBed::others(NodeId id) const {
    std::vector<NodeId> ids = cluster_.all();
    std::erase(ids, id);
    return ids;
}

void FaultBed::expect_level() const {
    bool level = comes_true([this] {
        std::set<std::string> states;
        for (NodeId id : cluster_.running()) {
            auto seen = status(id);
            if (!seen || seen->applied != seen->last_index) return false;
            states.insert(seen->state_hash + std::to_string(seen->applied.value()));
        }
        return states.size() == 1;
    });
    EXPECT_TRUE(level) << "the nodes do not become equal";
}

bool FaultBed::set(cli::ClusterClient& client, const std::string& key, const std::string& value,
                   std::uint32_t exptime_s) {
    auto reply = client.call(set_of(key, value, exptime_s));
    bool acknowledged = reply.ok() && reply->kind == protocol::ReplyKind::ok;
    if (acknowledged && exptime_s == 0) acknowledged_[key] = value;
    return acknowledged;
}

int FaultBed::set_many(cli::ClusterClient& client, int count) {
    int acknowledged = 0;
    for (; count > 0; --count) {
        std::string number = std::to_string(keys_++);
        if (set(client, "k" + number, "v" + number)) ++acknowledged;
    }
    return acknowledged;
}

void FaultBed::expect_nothing_lost() {
    auto reader = client();
    for (const auto& [key, value] : acknowledged_) {
        auto reply = reader.call(get_of(key));
        ASSERT_TRUE(reply.ok()) << key << ": " << reply.error().message;
        ASSERT_EQ(reply->kind, protocol::ReplyKind::value) << key;
        ASSERT_EQ(reply->value, value) << key;
    }
}

std::string FaultBed::log(NodeId id) const {
    std::ifstream file(work_.path() / ("node-" + std::to_string(id.value()) + ".log"));
    return {std::istreambuf_iterator<char>(file), {}};
}

protocol::Request get_of(std::string_view key) {
    protocol::Request request;
    request.op = protocol::Op::get;
    request.key = key;
    return request;
}

protocol::Request set_of(std::string_view key, std::string_view value, std::uint32_t exptime_s) {
    protocol::Request request = get_of(key);
    request.op = protocol::Op::set;
    request.value = value;
    request.exptime_s = exptime_s;
    return request;
}

std::optional<cli::OwnedReply> ask_node(const ServerConfig& server,
                                        const protocol::Request& request, milliseconds limit) {
    auto deadline = std::chrono::steady_clock::now() + limit;
    auto connection = cli::NodeConnection::connect(server.host, server.client_port, deadline);
    if (!connection) return std::nullopt;
    auto reply = connection->call(request, deadline);
    return reply ? std::optional(*reply) : std::nullopt;
}

}  // namespace raftkv::system_test
