#include "tests/unit/chaos/sample_report.hpp"

#include <cmath>

namespace raftkv::chaos {
namespace {

using cli::NodeRole;
using protocol::Op;

const Instant epoch = Instant() + std::chrono::hours(1);

Instant at(double ms) {
    return epoch + std::chrono::microseconds(static_cast<std::int64_t>(ms * 1'000));
}

FaultRecord fault(Kind kind, int from_ms, int to_ms, const std::string& text,
                  std::vector<NodeId> nodes) {
    FaultRecord record;
    record.plan.kind = kind;
    record.text = text;
    record.nodes = std::move(nodes);
    record.from = at(from_ms);
    record.to = at(to_ms);
    return record;
}

std::vector<FaultRecord> faults() {
    const std::vector<NodeId> all = {NodeId(0), NodeId(1), NodeId(2)};
    std::vector<FaultRecord> list = {
        fault(Kind::kill, 2'000, 2'900, "kill node 0 (leader)", {NodeId(0)}),
        fault(Kind::delay, 2'500, 4'000, "all messages take 20 ms longer", all),
        fault(Kind::isolate, 5'000, 6'000, "isolate node 1 (leader)", {NodeId(1)}),
        fault(Kind::clock_jump, 5'200, 5'900, "the clock of node 2 is wrong by +900 ms",
              {NodeId(2)}),
        fault(Kind::pause, 6'500, 7'000, "pause node 2", {NodeId(2)}),
        fault(Kind::fill_disks, 7'500, 8'500, "all disks are full", all),
    };
    list[4].problem = "no node was well enough";
    list[0].served_after_ms = 24.3;
    return list;
}

// A write every 4 ms but while there is no leader, and a read behind each.
History history() {
    History all;
    for (int ms = 4; ms < 10'000; ms += 4) {
        const bool away = (ms >= 2'000 && ms < 2'025) || (ms >= 5'000 && ms < 5'400);
        if (away) continue;
        test::Operation write;
        write.op = Op::set;
        write.outcome = test::Outcome::ok;
        write.start = at(ms);
        write.end = at(ms + 0.8 + 0.4 * std::sin(ms / 300.0));
        test::Operation read = write;
        read.op = Op::get;
        read.end = at(ms + 0.3);
        all.push_back(write);
        all.push_back(read);
    }
    return all;
}

std::map<NodeId, std::vector<RoleSpan>> roles() {
    return {
        {NodeId(0),
         {{at(-50), at(2'000), NodeRole::leader, Term(1)},
          {at(2'000), at(2'950), std::nullopt, Term(0)},
          {at(2'950), at(10'000), NodeRole::follower, Term(2)}}},
        {NodeId(1),
         {{at(-50), at(2'010), NodeRole::follower, Term(1)},
          {at(2'010), at(2'020), NodeRole::candidate, Term(2)},
          {at(2'020), at(5'300), NodeRole::leader, Term(2)},
          {at(5'300), at(6'000), NodeRole::pre_candidate, Term(2)},
          {at(6'000), at(10'000), NodeRole::follower, Term(3)}}},
        {NodeId(2),
         {{at(-50), at(5'250), NodeRole::follower, Term(2)},
          {at(5'250), at(10'000), NodeRole::leader, Term(3)}}},
    };
}

}  // namespace

Report sample_report() {
    Report report;
    report.seed = 42;
    report.nodes = 3;
    report.clients = 4;
    report.seconds = 10;
    report.families = {all_families().begin(), all_families().end()};
    report.command = "raftkv test chaos --seed 42 --seconds 10";
    report.versions = {{"raftkv", "0.1.0"}, {"system", "Linux"}};
    report.started = "2026-11-24 10:40:12 UTC";
    report.from = at(0);
    report.to = at(10'000);
    report.took_s = 11.5;
    report.faults = faults();
    report.roles = roles();
    report.measured = measure(history(), report.from, report.to);
    report.terms = 3;
    report.checks = {{"all replicas are equal", Outcome::passed, "", 0.2},
                     {"the history is linearizable", Outcome::passed, "", 0.01}};
    return report;
}

Report failed_report() {
    Report report = sample_report();
    report.checks[0] = {"all replicas are equal", Outcome::not_run, "the cluster was not fit", 0};
    report.checks[1] = {"the history is linearizable", Outcome::failed,
                        "no order of the operations of key k explains these answers:\n"
                        "  4.660 s  client 23  get k  not found",
                        0.01};
    report.folder = "/tmp/raftkv-test-a1b2c3";
    return report;
}

Report hostile_report() {
    const std::string hostile =
        "</script><img src=x onerror=\"document.title='taken'\">&lt;\x01\xff";
    Report report = failed_report();
    report.command = hostile;
    report.folder = hostile;
    report.started = hostile;
    report.versions = {{hostile, hostile}};
    for (FaultRecord& record : report.faults) record.text = record.problem = hostile;
    for (Check& check : report.checks) check.name = check.text = hostile;
    return report;
}

}  // namespace raftkv::chaos
