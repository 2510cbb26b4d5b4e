#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "cli/test/verdict/prefix_max.hpp"
#include "cli/test/verdict/rules.hpp"

namespace raftkv::test {
namespace {

bool tells_version(const Operation& op) {
    return op.outcome == Outcome::ok && op.version != 0;
}

void judge_uniqueness(const History& history, Instant epoch, std::vector<Anomaly>& found) {
    std::unordered_map<std::uint64_t, const Operation*> owners;
    for (const Operation& op : history) {
        if (!tells_version(op)) continue;
        const auto [owner, is_new] = owners.emplace(op.version, &op);
        const Operation& other = *owner->second;
        if (is_new || (other.key == op.key && other.fingerprint == op.fingerprint)) continue;
        found.push_back({AnomalyKind::duplicate_version,
                         fmt::format("version {} belongs to two values: {}, and {}", op.version,
                                     describe(other, epoch), describe(op, epoch))});
    }
}

void judge_order(const History& history, Instant epoch, std::vector<Anomaly>& found) {
    using Proof = std::pair<std::uint64_t, const Operation*>;
    PrefixMax<Instant, Proof> known;
    for (const Operation& op : history) {
        if (tells_version(op)) known.add(op.end, {op.version, &op});
    }
    known.seal();
    for (const Operation& op : history) {
        if (!op.puts() || !tells_version(op)) continue;
        if (op.op == protocol::Op::cas && op.version <= op.expected) {
            found.push_back({AnomalyKind::version_order,
                             fmt::format("version {} was given by {}, which replaced version {}",
                                         op.version, describe(op, epoch), op.expected)});
        }
        const auto newest = known.before(op.start);
        if (!newest || newest->first <= op.version) continue;
        found.push_back(
            {AnomalyKind::version_order,
             fmt::format("version {} was given by {}, after {} had version {}", op.version,
                         describe(op, epoch), describe(*newest->second, epoch), newest->first)});
    }
}

}  // namespace

void judge_versions(const History& history, Instant epoch, std::vector<Anomaly>& found) {
    judge_uniqueness(history, epoch, found);
    judge_order(history, epoch, found);
}

}  // namespace raftkv::test
