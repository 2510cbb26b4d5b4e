#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/admin/members.hpp"
#include "cli/cluster/child_process.hpp"
#include "cli/test/work_folder.hpp"
#include "common/config.hpp"

namespace raftkv::system_test {

// Machines that are run as an operator runs them: each in a network of its own, with a folder of
// its own that has the same config.json, and a supervisor. PrivateWorld has been entered.
class SupervisedMachines {
  public:
    explicit SupervisedMachines(std::uint32_t machines);

    SupervisedMachines(const SupervisedMachines&) = delete;
    SupervisedMachines& operator=(const SupervisedMachines&) = delete;
    ~SupervisedMachines();

    struct Outcome {
        int exit = -1;     // -1: ended by a signal, or not in time
        std::string said;  // stdout and stderr

        bool says(std::string_view words) const { return said.find(words) != std::string::npos; }
    };

    // Runs `raftkv <words>` on that machine to its end.
    Outcome run(std::uint32_t machine, const std::vector<std::string>& words);
    // The same, and fails the test where it fails; what it said.
    std::string must(std::uint32_t machine, const std::vector<std::string>& words);

    const std::filesystem::path& folder(std::uint32_t machine) const {
        return folders_.at(machine);
    }
    std::filesystem::path data(std::uint32_t machine) const { return folder(machine) / "data"; }
    std::filesystem::path node_folder(std::uint32_t id) const {
        return data(id) / ("node-" + std::to_string(id));
    }
    std::string log(std::uint32_t id) const;

    // What the node of that machine says of the members.
    std::optional<cli::MembersView> members(std::uint32_t id) const;
    // The code of /healthz; 0: no answer.
    int health(std::uint32_t id) const;
    // What it waits for; empty: for nothing, or it does not answer.
    std::string waits(std::uint32_t id) const;

  private:
    test::WorkFolder work_;
    std::vector<std::filesystem::path> folders_;
    ClusterConfig config_;
    int runs_ = 0;
};

}  // namespace raftkv::system_test
