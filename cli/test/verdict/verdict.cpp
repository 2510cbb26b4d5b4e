#include "cli/test/verdict/verdict.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include "cli/test/verdict/key_timeline.hpp"
#include "cli/test/verdict/rules.hpp"
#include "common/check.hpp"

namespace raftkv::test {

std::string_view name_of(AnomalyKind kind) {
    switch (kind) {
        case AnomalyKind::duplicate_version:
            return "a version given twice";
        case AnomalyKind::version_order:
            return "a version that goes back";
        case AnomalyKind::wrong_version:
            return "a value with wrong metadata";
        case AnomalyKind::unwritten_value:
            return "a value nobody wrote";
        case AnomalyKind::refused_write:
            return "a refused write took effect";
        case AnomalyKind::stale_read:
            return "a stale read";
        case AnomalyKind::lost_write:
            return "an acknowledged write is lost";
        case AnomalyKind::expired_read:
            return "a read past the deadline";
        case AnomalyKind::impossible_success:
            return "a write that could not succeed";
        case AnomalyKind::impossible_refusal:
            return "a write refused without cause";
    }
    check_failed("known AnomalyKind", __FILE__, __LINE__);
}

std::vector<Anomaly> judge(const History& history, const Limits& limits) {
    std::vector<Anomaly> found;
    Instant epoch = Instant::max();
    std::map<std::string_view, std::vector<const Operation*>> keys;
    for (const Operation& op : history) {
        epoch = std::min(epoch, op.start);
        keys[op.key].push_back(&op);
    }
    judge_versions(history, epoch, found);
    for (auto& [name, operations] : keys) {
        const KeyTimeline key(std::move(operations), limits);
        judge_reads(key, epoch, found);
        judge_writes(key, epoch, found);
    }
    return found;
}

}  // namespace raftkv::test
