#include "tests/system/outside/supervised_machines.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <utility>

#include "cli/admin/admin_client.hpp"
#include "common/check.hpp"
#include "tests/system/outside/machines.hpp"
#include "tests/system/outside/private_world.hpp"

namespace raftkv::system_test {
namespace {

using std::chrono::milliseconds;

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

test::WorkFolder new_folder() {
    auto folder = test::WorkFolder::create();
    RAFTKV_CHECK(folder.ok());
    return std::move(*folder);
}

}  // namespace

SupervisedMachines::SupervisedMachines(std::uint32_t machines) : work_(new_folder()) {
    for (std::uint32_t id = 0; id < machines; ++id) {
        auto added = PrivateWorld::add_node(id);
        EXPECT_TRUE(added.ok()) << added.error().message;
        folders_.push_back(work_.path() / fmt::format("machine-{}", id));
        std::filesystem::create_directory(folders_.back());
        std::ofstream(folders_.back() / "config.json") << config_of_machines(machines);
    }
    auto config = load_config(folders_.front() / "config.json");
    RAFTKV_CHECK(config.ok());
    config_ = std::move(*config);
}

SupervisedMachines::~SupervisedMachines() {
    for (std::uint32_t id = 0; id < folders_.size(); ++id) run(id, {"cluster", "down"});
}

SupervisedMachines::Outcome SupervisedMachines::run(std::uint32_t machine,
                                                    const std::vector<std::string>& words) {
    constexpr std::chrono::seconds limit{60};
    cli::ChildSpec spec;
    spec.program = "/bin/sh";
    spec.arguments = {
        "-c", fmt::format("PATH=/usr/sbin:/sbin:$PATH exec ip netns exec node-{} \"$@\"", machine),
        "sh", RAFTKV_BINARY};
    spec.arguments.insert(spec.arguments.end(), words.begin(), words.end());
    spec.working_folder = folder(machine);
    spec.output_file = work_.path() / fmt::format("run-{}.out", ++runs_);
    auto child = cli::ChildProcess::start(spec);
    RAFTKV_CHECK(child.ok());
    const auto end = child->wait_for(limit);
    EXPECT_TRUE(end) << "raftkv " << fmt::format("{}", fmt::join(words, " "))
                     << " does not end: " << text_of(spec.output_file);
    return {end && !end->signalled ? end->code : -1, text_of(spec.output_file)};
}

std::string SupervisedMachines::must(std::uint32_t machine, const std::vector<std::string>& words) {
    Outcome outcome = run(machine, words);
    EXPECT_EQ(outcome.exit, 0) << "machine " << machine << ": raftkv "
                               << fmt::format("{}", fmt::join(words, " ")) << ": " << outcome.said;
    return std::move(outcome.said);
}

std::string SupervisedMachines::log(std::uint32_t id) const {
    return text_of(data(id) / fmt::format("node-{}.log", id));
}

std::optional<cli::MembersView> SupervisedMachines::members(std::uint32_t id) const {
    auto view = cli::fetch_members_of(*config_.find(NodeId(id)), milliseconds(1000));
    return view ? std::optional(std::move(*view)) : std::nullopt;
}

int SupervisedMachines::health(std::uint32_t id) const {
    const ServerConfig& server = *config_.find(NodeId(id));
    auto reply =
        cli::http_get(server.admin_host, server.admin_port, "/healthz", milliseconds(1000));
    return reply ? reply->code : 0;
}

std::string SupervisedMachines::waits(std::uint32_t id) const {
    const ServerConfig& server = *config_.find(NodeId(id));
    auto status = cli::fetch_status(server.admin_host, server.admin_port, milliseconds(1000));
    return status ? status->waits : "";
}

}  // namespace raftkv::system_test
