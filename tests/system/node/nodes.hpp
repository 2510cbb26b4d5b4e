#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/admin/admin_client.hpp"
#include "cli/cluster/child_process.hpp"
#include "cli/test/port_block.hpp"
#include "cli/test/work_folder.hpp"

namespace raftkv::system_test {

// Asks again and again; false when the answer was no for so long.
template <class Question>
bool comes_true(Question question, std::chrono::milliseconds limit = std::chrono::seconds(15));

// Real node processes of one cluster, on ports and in a folder of their own.
class Nodes {
  public:
    // `extra` are more keys for config.json: R"("HoldMs": 200)".
    // `priorities` are of the nodes, by id; those left out have none of their own.
    explicit Nodes(std::uint32_t count, const std::string& extra = "",
                   const std::vector<std::uint32_t>& priorities = {});

    std::uint16_t client_port(std::uint32_t id) const { return ports_.port(id); }
    std::uint16_t log_port(std::uint32_t id) const { return ports_.port(20 + id); }
    std::uint16_t admin_port(std::uint32_t id) const { return ports_.port(40 + id); }
    std::filesystem::path folder() const { return work_.path(); }
    std::filesystem::path data(std::uint32_t id) const;
    std::filesystem::path config_file() const { return work_.path() / "config.json"; }

    // Starts the process, and does not wait until it answers.
    void start(std::uint32_t id);
    void start_all();
    void signal(std::uint32_t id, int number);
    // SIGKILL, and waits for the end.
    void kill(std::uint32_t id);
    // The exit code of a node that ends by itself, or was asked to; -1 when it was killed by a
    // signal, and nothing when it does not end in time.
    std::optional<int> exit_code(std::uint32_t id);
    bool running(std::uint32_t id);

    std::optional<cli::NodeStatus> status(std::uint32_t id) const;
    // Until one node leads and is known to lead by all that run. Fails the test when that takes
    // too long.
    std::uint32_t leader();
    std::uint32_t follower();

    // What the node has written to stderr.
    std::string log(std::uint32_t id) const;

  private:
    std::optional<std::uint32_t> agreed_leader();
    std::string config_text(const std::string& extra,
                            const std::vector<std::uint32_t>& priorities) const;

    const std::uint32_t count_;
    test::WorkFolder work_;
    test::PortBlock ports_;
    std::map<std::uint32_t, cli::ChildProcess> children_;
};

bool comes_true_within(std::chrono::milliseconds limit, bool (*ask)(void*), void* question);

template <class Question>
bool comes_true(Question question, std::chrono::milliseconds limit) {
    auto ask = [](void* raw) { return static_cast<bool>((*static_cast<Question*>(raw))()); };
    return comes_true_within(limit, ask, &question);
}

}  // namespace raftkv::system_test
