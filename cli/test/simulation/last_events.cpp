#include "cli/test/simulation/last_events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/test/simulation/plan.hpp"

namespace raftkv::simulation {

namespace {

using Lines = std::vector<std::pair<Micros, std::string>>;

void add_messages(const trace::Trace& trace, Lines& lines) {
    for (const trace::MessageEvent& message : trace.messages) {
        const std::string fate =
            message.lost ? fmt::format("lost: {}", name_of(*message.lost))
            : message.received_us
                ? fmt::format("arrives after {:.3f} ms",
                              double(*message.received_us - message.sent_us) / 1000)
                : "under way at the end";
        lines.emplace_back(
            message.sent_us,
            fmt::format("node {} -> node {}: {}, term {}, {}; {}", message.from, message.to,
                        name_of(message.kind), message.term, message.text, fate));
    }
}

void add_states(const trace::Trace& trace, Lines& lines) {
    for (const trace::RoleSpan& role : trace.roles) {
        lines.emplace_back(role.from_us, fmt::format("node {} is {}, term {}", role.node,
                                                     name_of(role.role), role.term));
    }
    for (const trace::CommitEvent& commit : trace.commits) {
        lines.emplace_back(commit.time_us, fmt::format("node {} commits {} of term {}", commit.node,
                                                       commit.index, commit.term));
    }
    for (const trace::DiskEvent& disk : trace.disks) {
        lines.emplace_back(disk.to_us, fmt::format("node {}'s disk: {}", disk.node, disk.text));
    }
}

void add_the_rest(const trace::Trace& trace, Lines& lines) {
    for (const trace::FaultSpan& fault : trace.faults) {
        lines.emplace_back(
            fault.from_us,
            fmt::format("FAULT {}{} {}", fault.kind,
                        fault.node ? fmt::format(", node {}", *fault.node) : "", fault.text));
    }
    for (const trace::ClientOp& operation : trace.operations) {
        lines.emplace_back(operation.start_us,
                           fmt::format("client {} asks node {}: {}; {}", operation.client,
                                       operation.node, operation.text, operation.reply));
    }
    for (const trace::Note& note : trace.notes) {
        lines.emplace_back(
            note.time_us,
            fmt::format("{}{}", note.node ? fmt::format("node {} ", *note.node) : "", note.text));
    }
}

}  // namespace

std::vector<std::string> last_events(const trace::Trace& trace, std::size_t count) {
    Lines lines;
    add_messages(trace, lines);
    add_states(trace, lines);
    add_the_rest(trace, lines);
    std::stable_sort(lines.begin(), lines.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> last;
    for (std::size_t i = lines.size() - std::min(count, lines.size()); i < lines.size(); ++i) {
        last.push_back(
            fmt::format("{:>11.6f} s  {}", double(lines[i].first) / 1e6, lines[i].second));
    }
    return last;
}

}  // namespace raftkv::simulation
