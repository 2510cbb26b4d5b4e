#include "tests/system/cluster/bed.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

cli::ChildSpec Bed::spec(const Words& words) const {
    cli::ChildSpec spec;
    spec.program = program_;
    spec.arguments = with({"cluster"}, words);
    spec.working_folder = folder_;
    return spec;
}

Outcome Bed::run(const cli::ChildSpec& what, std::chrono::seconds limit) {
    cli::ChildSpec noted = what;
    noted.output_file = work_.path() / fmt::format("run-{}.out", ++runs_);
    auto child = cli::ChildProcess::start(noted);
    RAFTKV_CHECK(child.ok());
    auto end = child->wait_for(limit);
    EXPECT_TRUE(end) << "raftkv " << fmt::format("{}", fmt::join(what.arguments, " "))
                     << " does not end: " << read(noted.output_file);
    return {end && !end->signalled ? end->code : -1, read(noted.output_file)};
}

Outcome Bed::cluster(const Words& words, std::chrono::seconds limit) {
    return run(spec(words), limit);
}

Outcome Bed::elsewhere(const Words& words) {
    constexpr std::chrono::seconds limit{60};
    cli::ChildSpec other;
    other.program = RAFTKV_BINARY;
    other.arguments = words;
    other.working_folder = work_.path() / "elsewhere";
    std::filesystem::create_directories(other.working_folder);
    std::ofstream(other.working_folder / "config.json") << read(folder_ / "config.json");
    return run(other, limit);
}

Outcome Bed::client(const Words& words) {
    constexpr std::chrono::seconds limit{60};
    cli::ChildSpec here = spec({});
    here.program = RAFTKV_BINARY;
    here.arguments = with({"client"}, words);
    return run(here, limit);
}

Words Bed::address_of_new(std::uint32_t id) const {
    return {"--host",        "127.0.0.1",
            "--client-port", std::to_string(spare_port(id, 0)),
            "--log-port",    std::to_string(spare_port(id, 1)),
            "--admin-port",  std::to_string(spare_port(id, 2))};
}

void Bed::replace_all(std::uint32_t nodes) {
    for (std::uint32_t old = 0; old < nodes; ++old) {
        const std::uint32_t fresh = old + nodes;
        const Outcome replaced = cluster(
            with({"replace", std::to_string(old), std::to_string(fresh)}, address_of_new(fresh)));
        ASSERT_EQ(replaced.exit, 0) << replaced.said;
        EXPECT_TRUE(comes_true([&] {
            return status().nodes.size() == nodes && find_node(status(), NodeId(old)) == nullptr;
        })) << "node "
            << old << " stays\n"
            << read(paths().log());
    }
}

cli::ChildProcess Bed::start(const Words& words) {
    cli::ChildSpec started = spec(words);
    started.output_file = work_.path() / "started.out";
    auto child = cli::ChildProcess::start(started);
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
    auto view = cli::parse_cluster_view(status.said);
    EXPECT_TRUE(view.ok()) << status.said;
    EXPECT_EQ(status.exit, view && view->leader ? 0 : 69) << status.said;
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
