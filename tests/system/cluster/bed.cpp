#include "tests/system/cluster/bed.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <random>
#include <system_error>

#include "cli/client/connection.hpp"
#include "cli/cluster/preflight.hpp"

namespace raftkv::system_test {

namespace {

constexpr std::chrono::milliseconds client_patience{10'000};

test::WorkFolder new_folder() {
    auto folder = test::WorkFolder::create();
    RAFTKV_CHECK(folder.ok());
    return std::move(*folder);
}

test::PortBlock free_ports() {
    auto ports = test::PortBlock::reserve(std::random_device()());
    RAFTKV_CHECK(ports.ok());
    return std::move(*ports);
}

std::string config_text(std::uint32_t nodes, const test::PortBlock& ports) {
    std::string text = R"({"Path": "data", "Servers": [)";
    for (std::uint32_t id = 0; id < nodes; ++id) {
        text += fmt::format(
            R"({}{{"Id": {}, "Hostname": "localhost", "ClientPort": {}, "LogPort": {}, "AdminPort": {}}})",
            id ? ", " : "", id, ports.port(id), ports.port(20 + id), ports.port(40 + id));
    }
    return text + "]}";
}

}  // namespace

Bed::Bed(std::uint32_t nodes, const std::filesystem::path& folder)
    : work_(new_folder()), ports_(free_ports()), folder_(work_.path() / folder) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "config.json") << config_text(nodes, ports_);
}

Bed::~Bed() {
    if (supervisor_pid() != 0) {
        Outcome down = cluster({"down"});
        EXPECT_EQ(down.exit, 0) << down.said;
    }
}

cli::ChildSpec Bed::spec(const Words& words, const std::filesystem::path& output) const {
    cli::ChildSpec spec;
    spec.program = program_;
    spec.arguments = {"cluster"};
    spec.arguments.insert(spec.arguments.end(), words.begin(), words.end());
    spec.output_file = output;
    spec.working_folder = folder_;
    return spec;
}

Outcome Bed::cluster(const Words& words, std::chrono::seconds limit) {
    auto output = work_.path() / fmt::format("run-{}.out", ++runs_);
    auto child = cli::ChildProcess::start(spec(words, output));
    RAFTKV_CHECK(child.ok());
    auto end = child->wait_for(limit);
    EXPECT_TRUE(end) << "raftkv cluster " << words.front() << " does not end: " << read(output);
    return {end && !end->signalled ? end->code : -1, read(output)};
}

cli::ChildProcess Bed::start(const Words& words) {
    auto child = cli::ChildProcess::start(spec(words, work_.path() / "started.out"));
    RAFTKV_CHECK(child.ok());
    return std::move(*child);
}

std::string Bed::output() const {
    return read(work_.path() / "started.out");
}

void Bed::up() {
    Outcome up = cluster({"up", "--detach", "--wait"});
    ASSERT_EQ(up.exit, 0) << up.said;
}

cli::ClusterView Bed::status() {
    Outcome status = cluster({"status", "--json"});
    EXPECT_EQ(status.exit, 0) << status.said;
    auto view = cli::parse_cluster_view(status.said);
    EXPECT_TRUE(view.ok()) << status.said;
    return view ? *view : cli::ClusterView{};
}

cli::NodeView Bed::node(std::uint32_t id) {
    cli::ClusterView view = status();
    const cli::NodeView* found = cli::find_node(view, NodeId(id));
    EXPECT_NE(found, nullptr);
    return found ? *found : cli::NodeView{};
}

std::uint32_t Bed::leader() {
    std::optional<NodeId> leader;
    EXPECT_TRUE(comes_true([&] {
        leader = status().leader;
        return leader.has_value();
    })) << "no leader";
    return leader.value_or(NodeId(0)).value();
}

std::optional<std::string> Bed::set(const std::string& key, const std::string& value) {
    cli::ClusterClient client(config(), client_patience);
    protocol::Request request;
    request.op = protocol::Op::set;
    request.key = key;
    request.value = value;
    auto reply = client.call(request);
    if (!reply) return reply.error().message;
    if (reply->kind != protocol::ReplyKind::ok) return "refused";
    return std::nullopt;
}

std::optional<std::string> Bed::get(const std::string& key) {
    cli::ClusterClient client(config(), client_patience);
    protocol::Request request;
    request.op = protocol::Op::get;
    request.key = key;
    auto reply = client.call(request);
    if (!reply || reply->kind != protocol::ReplyKind::value) return std::nullopt;
    return reply->value;
}

void Bed::whim(std::uint32_t id, const std::string& whim) {
    auto file = folder_ / fmt::format("node-{}.whim", id);
    std::filesystem::remove(file);
    if (!whim.empty()) std::ofstream(file) << whim;
}

ClusterConfig Bed::config() const {
    auto config = load_config(folder_ / "config.json");
    RAFTKV_CHECK(config.ok());
    return *config;
}

int Bed::supervisor_pid() const {
    return cli::supervisor_pid(paths());
}

std::string Bed::read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace raftkv::system_test
