#include "tests/unit/bench/sample_report.hpp"

namespace raftkv::bench {

Report sample_report() {
    Settings settings;
    settings.op = Op::get;
    settings.keys = 10'000;
    settings.rate = 1'000;
    Report report = begin_report(settings, "3 nodes of its own");
    for (std::int64_t us = 1; us <= 1'000; ++us) report.load.latency.add(us * 1'000);
    report.load.seconds = 1;
    report.load.per_second = 1'000;
    report.load.own_cpu_seconds = 0.1;
    report.load.outcomes[static_cast<std::size_t>(Outcome::done)] = 1'000;
    report.load.outcomes[static_cast<std::size_t>(Outcome::lost)] = 3;
    report.load.redirects = 2;
    report.load.windows = {{0, 400, 0, 1'000, 2'000, 3'000}, {0.1, 600, 3, 4'000, 5'000, 6'000}};
    NodeUse leader;
    leader.name = "node 1";
    leader.answered = leader.leads = true;
    leader.cpu_cores = 0.5;
    leader.memory_bytes = 7u << 20;
    leader.syncs_per_second = 50;
    leader.entries_per_sync = 20;
    NodeUse silent;
    silent.name = "127.0.0.1:9002";
    report.nodes = {leader, silent};
    return report;
}

Report hostile_report() {
    const std::string hostile = "</script><script>document.title = 'taken'</script>";
    Report report = sample_report();
    report.cluster = report.command = report.hint = hostile;
    report.nodes[0].name = hostile;
    report.machine.emplace_back(hostile, hostile);
    return report;
}

}  // namespace raftkv::bench
