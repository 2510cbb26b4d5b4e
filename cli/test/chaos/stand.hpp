#pragma once

#include "cli/test/chaos/report.hpp"
#include "cli/test/chaos/role_log.hpp"
#include "cli/test/chaos/settings.hpp"
#include "cli/test/cluster_watch.hpp"
#include "cli/test/history/history.hpp"
#include "cli/test/interrupt.hpp"
#include "cli/test/local_cluster.hpp"
#include "cli/test/progress.hpp"
#include "cli/test/recording_client.hpp"

namespace raftkv::chaos {

// What a run plays on, and what it leaves behind.
struct Stand {
    const Settings& settings;
    const test::Interrupt& interrupt;
    test::Progress& progress;
    test::LocalCluster& cluster;
    test::ClusterWatch& watch;
    const RoleLog& roles;  // kept up by the watch
    Report& report;
    History history;
    std::uint32_t clients_made = 0;

    std::vector<test::RecordingClient::Setup> next_clients(std::uint32_t count, Millis timeout);
    void collect(const History& more);
};

// A cluster that takes longer to come back after all faults are over is broken, whatever the
// machine.
constexpr Millis recovery_limit{30'000};

}  // namespace raftkv::chaos
