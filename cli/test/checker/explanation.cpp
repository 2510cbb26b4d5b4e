#include "cli/test/checker/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "cli/test/checker/evidence.hpp"
#include "cli/test/history/operation_text.hpp"
#include "common/check.hpp"

namespace raftkv::test {
namespace {

constexpr std::size_t most_lines = 40;

std::string sentence(const VersionClash& clash) {
    switch (clash.kind) {
        case VersionClash::Kind::reused:
            return fmt::format("version {} was given to two writes:", clash.first_version);
        case VersionClash::Kind::backwards:
            return fmt::format(
                "version {} was given to a write that began after version {} was there:",
                clash.second_version, clash.first_version);
        case VersionClash::Kind::before_written:
            return "a value was read before its write began:";
    }
    check_failed("known kind of clash", __FILE__, __LINE__);
}

// The writes that the evidence is about: of a value that was read, of a version that was expected.
std::vector<const Operation*> context_of(const std::vector<const Operation*>& evidence,
                                         const History& history) {
    std::set<std::uint64_t> values;
    std::set<std::uint64_t> versions;
    std::set<std::string_view> keys;
    for (const Operation* op : evidence) {
        keys.insert(op->key);
        if (op->reads() && op->outcome == Outcome::ok) values.insert(op->fingerprint);
        if (op->op == protocol::Op::cas) versions.insert(op->expected);
    }
    std::vector<const Operation*> context;
    for (const Operation& op : history) {
        if (!op.puts() || keys.count(op.key) == 0) continue;
        const bool is_named = values.count(op.fingerprint) != 0 ||
                              (op.version != 0 && versions.count(op.version) != 0);
        const bool is_evidence = std::find(evidence.begin(), evidence.end(), &op) != evidence.end();
        if (is_named && !is_evidence) context.push_back(&op);
    }
    return context;
}

std::string lines_of(std::vector<const Operation*> operations, Instant epoch) {
    std::stable_sort(operations.begin(), operations.end(),
                     [](const auto* a, const auto* b) { return a->start < b->start; });
    std::string text;
    for (std::size_t i = 0; i < operations.size() && i < most_lines; ++i) {
        text += "  " + line_of(*operations[i], epoch) + "\n";
    }
    if (operations.size() > most_lines) {
        text += fmt::format("  and {} more\n", operations.size() - most_lines);
    }
    return text;
}

}  // namespace

std::string explain(const VersionClash& clash, Instant epoch) {
    return sentence(clash) + "\n" + lines_of({clash.first, clash.second}, epoch);
}

std::string explain(const History& history, std::string_view key, const Limits& limits,
                    Instant epoch, StepCounter& steps) {
    Evidence evidence(history, key, limits, steps);
    const bool shrunk = evidence.shrink();
    const std::vector<const Operation*> operations = evidence.operations();
    std::string text = fmt::format("no order of the operations of key {} explains {}:\n", key,
                                   operations.size() == 1 ? "this answer" : "these answers");
    text += lines_of(operations, epoch);
    const auto context = context_of(operations, history);
    if (!context.empty()) text += "which speak of\n" + lines_of(context, epoch);
    if (shrunk && evidence.given_up() > 0) {
        text +=
            fmt::format("whatever became of the key's other {} operations\n", evidence.given_up());
    }
    return text;
}

}  // namespace raftkv::test
