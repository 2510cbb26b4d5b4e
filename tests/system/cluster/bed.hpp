#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/cluster/child_process.hpp"
#include "cli/cluster/cluster_paths.hpp"
#include "cli/cluster/cluster_view.hpp"
#include "cli/test/port_block.hpp"
#include "cli/test/work_folder.hpp"
#include "common/config.hpp"

namespace raftkv::system_test {

// Asks again and again; false when the answer was no for so long.
template <class Question>
bool comes_true(Question question, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    auto deadline = std::chrono::steady_clock::now() + limit;
    while (!question()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        ::poll(nullptr, 0, 10);
    }
    return true;
}

struct Outcome {
    int exit = -1;     // -1: ended by a signal, or not in time
    std::string said;  // stdout and stderr

    bool says(std::string_view words) const { return said.find(words) != std::string::npos; }
};

using Words = std::vector<std::string>;

inline Words with(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

// A folder with a config.json on free ports, where `raftkv cluster` commands are run. What runs at
// the end of the test is brought down.
class Bed {
  public:
    explicit Bed(std::uint32_t nodes, const std::filesystem::path& folder = "project");
    ~Bed();

    // Runs `raftkv cluster <words>` to its end.
    Outcome cluster(const Words& words, std::chrono::seconds limit = std::chrono::seconds(60));
    // Runs `raftkv <words>` in a folder beside the cluster's, where somebody else has its
    // config.json only: another machine, as far as that knows.
    Outcome elsewhere(const Words& words);
    // Runs `raftkv client <words>`, here.
    Outcome client(const Words& words);
    // Starts it and lets it run; what it says is in output().
    cli::ChildProcess start(const Words& words);
    std::string output() const;

    // up --detach --wait
    void up();
    cli::ClusterView status();
    cli::NodeView node(std::uint32_t id);
    // Until there is a leader, and its id.
    std::uint32_t leader();
    // Until `node` is as it is asked to be; fails the test when that takes too long.
    template <class Property>
    void expect_node(std::uint32_t id, Property property, const char* what) {
        bool found = comes_true([&] { return property(node(id)); });
        EXPECT_TRUE(found) << "node " << id << " is never " << what << "\n" << read(paths().log());
    }

    // Through the cluster's own client: an error message, or nothing.
    std::optional<std::string> set(const std::string& key, const std::string& value);
    std::optional<std::string> get(const std::string& key);

    // Makes the node end with an exit code, or "deaf"; "" makes it a good one again. Its next
    // start is what counts.
    void whim(std::uint32_t id, const std::string& whim);

    void use(std::string program) { program_ = std::move(program); }
    const std::filesystem::path& folder() const { return folder_; }
    cli::ClusterPaths paths() const { return {folder_ / "data"}; }
    ClusterConfig config() const;
    // Of a node that is added: `which` is 0 to 2.
    std::uint16_t spare_port(std::uint32_t id, std::uint32_t which) const {
        return ports_.port(20 * which + 10 + id);
    }
    // The options of `add` and `replace` that say where a new node is.
    Words address_of_new(std::uint32_t id) const;
    // Has each of the first members replaced by one whose id is greater by their number.
    void replace_all(std::uint32_t nodes);
    int supervisor_pid() const;
    static std::string read(const std::filesystem::path& file);

  private:
    Outcome run(const cli::ChildSpec& what, std::chrono::seconds limit);
    cli::ChildSpec spec(const Words& words) const;

    std::string program_ = RAFTKV_FLAKY;
    test::WorkFolder work_;
    test::PortBlock ports_;
    std::filesystem::path folder_;
    int runs_ = 0;
};

}  // namespace raftkv::system_test
