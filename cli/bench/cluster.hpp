#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/bench/load/load.hpp"
#include "cli/test/interrupt.hpp"
#include "cli/test/local_cluster.hpp"
#include "cli/test/work_folder.hpp"
#include "common/config.hpp"
#include "common/result.hpp"

namespace raftkv::bench {

// The nodes that get the load: those of a cluster that runs somewhere, or of one that is started
// for it and ends with this object, its data too.
class Cluster {
  public:
    struct Setup {
        std::vector<std::string> addresses{};  // host:port of clients; empty: start one
        std::uint32_t nodes = 3;               // of that one
        std::filesystem::path folder{};        // where its data goes; empty: the system's temporary
        std::filesystem::path node_program = "/proc/self/exe";
        // "SnapshotLogMiB" of its configuration, if not the default.
        std::optional<std::uint32_t> snapshot_log_mib = std::nullopt;
    };

    // When a node of it leads. Errors: of kind usage for what is no address, unavailable when no
    // leader answers.
    static Result<Cluster> reach(const Setup& setup, const test::Interrupt& interrupt);

    // Where clients go; the leader that answered is servers()[leader()].
    const std::vector<ServerConfig>& nodes() const { return nodes_; }
    std::vector<Server> servers() const;
    std::size_t leader() const { return leader_; }
    bool is_own() const { return own_.has_value(); }
    // "127.0.0.1:9000, ..." or "3 nodes"
    std::string name() const;
    // For clusters of its own; own() is for those alone.
    std::optional<std::filesystem::path> folder() const;
    std::vector<pid_t> pids() const;
    test::LocalCluster& own();

    // Asks who leads now.
    Result<void> find_leader(const test::Interrupt& interrupt);
    // An Error when a node that was started has ended by itself.
    Result<void> check_alive();

    // The load, aimed at who led when that was last asked.
    LoadOptions aimed(LoadOptions load) const;
    // Asks who leads, and runs the load there.
    Result<LoadResult> run(const LoadOptions& load, KeySpace& space,
                           const test::Interrupt& interrupt);

  private:
    Cluster() = default;
    Result<void> start(const Setup& setup);
    Result<void> take(const std::vector<std::string>& addresses);
    void learn_members();

    std::optional<test::WorkFolder> folder_;  // goes last, when the nodes have ended
    std::optional<test::LocalCluster> own_;
    std::vector<ServerConfig> nodes_;
    std::size_t leader_ = 0;
};

}  // namespace raftkv::bench
