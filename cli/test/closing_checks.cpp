#include "cli/test/closing_checks.hpp"

#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/test/verdict/verdict.hpp"

namespace raftkv::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds between_looks_at_clients{10};

}  // namespace

Result<void> see_through(ClientCrew& crew, ClusterWatch& watch, const Interrupt& interrupt) {
    Result<void> fine;
    while (fine && !crew.done()) {
        fine = watch.check();
        if (fine) fine = interrupt.pause_for(between_looks_at_clients);
    }
    if (!fine) crew.cancel();
    const auto worked = crew.join();
    if (fine) fine = watch.check();
    return fine ? worked : fine;
}

Work reading_all(const History& history, std::uint32_t clients, milliseconds within) {
    std::set<std::string> distinct;
    for (const Operation& op : history) distinct.insert(op.key);
    std::vector<std::string> keys(distinct.begin(), distinct.end());
    return [keys = std::move(keys), clients, within](RecordingClient& client,
                                                     std::uint32_t number) -> Result<void> {
        for (std::size_t i = number; i < keys.size(); i += clients) {
            const auto read = client.getm(keys[i]);
            if (!read) return read.error();
            if (read->outcome != Outcome::not_done) continue;
            return Error{ErrorKind::failed, fmt::format("key {} could not be read within {} s",
                                                        keys[i], within.count() / 1000)};
        }
        return {};
    };
}

Result<History> read_equal_states(ClusterWatch& watch, const History& history, milliseconds limit) {
    if (auto level = watch.wait_until_level(limit); !level) return level.error();
    const Instant start = steady_clock::now();
    const auto states = watch.dump_states(limit);
    if (!states) return states.error();
    const Instant end = steady_clock::now();
    for (const StateDump& state : *states) {
        const auto found = differences(states->front(), state, 1);
        if (!found.empty())
            return Error{ErrorKind::failed, "the replicas differ: " + found.front()};
    }
    return as_reads(states->front(), history, start, end);
}

Result<void> judge_by_rules(const History& history, const Limits& limits) {
    const auto anomalies = judge(history, limits);
    if (anomalies.empty()) return {};
    const Anomaly& first = anomalies.front();
    std::string text = fmt::format("{}: {}", name_of(first.kind), first.text);
    if (anomalies.size() > 1) text += fmt::format(" (and {} more)", anomalies.size() - 1);
    return Error{ErrorKind::failed, std::move(text)};
}

}  // namespace raftkv::test
