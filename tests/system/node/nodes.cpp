#include "tests/system/node/nodes.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <fstream>
#include <random>
#include <sstream>
#include <utility>

namespace raftkv::system_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds end_limit{15'000};

template <class T>
T must(Result<T> result) {
    if (!result.ok()) {
        ADD_FAILURE() << result.error().message;
        std::abort();
    }
    return std::move(result).value();
}

}  // namespace

bool comes_true_within(milliseconds limit, bool (*ask)(void*), void* question) {
    auto deadline = steady_clock::now() + limit;
    while (!ask(question)) {
        if (steady_clock::now() > deadline) return false;
        ::poll(nullptr, 0, 5);
    }
    return true;
}

Nodes::Nodes(std::uint32_t count, const std::string& extra,
             const std::vector<std::uint32_t>& priorities)
    : count_(count),
      work_(must(test::WorkFolder::create())),
      ports_(must(test::PortBlock::reserve(std::random_device{}()))) {
    std::ofstream(config_file()) << config_text(extra, priorities);
}

std::string Nodes::config_text(const std::string& extra,
                               const std::vector<std::uint32_t>& priorities) const {
    std::string servers;
    for (std::uint32_t id = 0; id < count_; ++id) {
        servers += fmt::format(
            R"({}{{"Id": {}, "Hostname": "127.0.0.1", "ClientPort": {}, "LogPort": {}, )"
            R"("AdminPort": {}, "AdminHost": "127.0.0.1", "Priority": {}}})",
            id == 0 ? "" : ",\n", id, client_port(id), log_port(id), admin_port(id),
            id < priorities.size() ? priorities[id] : 1);
    }
    return fmt::format("{{\"Path\": \"data\", {}{}\"Servers\": [\n{}]}}\n", extra,
                       extra.empty() ? "" : ", ", servers);
}

std::filesystem::path Nodes::data(std::uint32_t id) const {
    return folder() / "data" / fmt::format("node-{}", id);
}

void Nodes::start(std::uint32_t id) {
    cli::ChildSpec spec;
    spec.program = RAFTKV_BINARY;
    spec.arguments = {"node", std::to_string(id), "--config", config_file().string()};
    spec.output_file = folder() / fmt::format("{}.log", id);
    children_.erase(id);
    children_.emplace(id, must(cli::ChildProcess::start(spec)));
}

void Nodes::start_all() {
    for (std::uint32_t id = 0; id < count_; ++id) start(id);
}

void Nodes::signal(std::uint32_t id, int number) {
    EXPECT_TRUE(children_.at(id).signal(number));
}

void Nodes::kill(std::uint32_t id) {
    children_.at(id).kill();
}

std::optional<int> Nodes::exit_code(std::uint32_t id) {
    auto end = children_.at(id).wait_for(end_limit);
    if (!end) return std::nullopt;
    return end->signalled ? -1 : end->code;
}

bool Nodes::running(std::uint32_t id) {
    auto child = children_.find(id);
    return child != children_.end() && child->second.running();
}

std::optional<cli::NodeStatus> Nodes::status(std::uint32_t id) const {
    auto status = cli::fetch_status("127.0.0.1", admin_port(id), milliseconds(2000));
    if (!status.ok()) return std::nullopt;
    return *status;
}

std::optional<std::uint32_t> Nodes::agreed_leader() {
    std::optional<NodeId> agreed;
    bool leads = false;
    for (std::uint32_t id = 0; id < count_; ++id) {
        if (!running(id)) continue;
        auto seen = status(id);
        if (!seen || !seen->leader || (agreed && *agreed != *seen->leader)) return std::nullopt;
        agreed = seen->leader;
        leads = leads || seen->role == cli::NodeRole::leader;
    }
    if (!leads) return std::nullopt;
    return agreed->value();
}

std::uint32_t Nodes::leader() {
    std::optional<std::uint32_t> found;
    EXPECT_TRUE(comes_true([&] { return (found = agreed_leader()).has_value(); }))
        << "no leader was elected";
    return found.value_or(0);
}

std::uint32_t Nodes::follower() {
    return (leader() + 1) % count_;
}

std::string Nodes::log(std::uint32_t id) const {
    std::ifstream in(folder() / fmt::format("{}.log", id));
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace raftkv::system_test
