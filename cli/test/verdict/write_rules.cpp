#include <fmt/format.h>

#include "cli/test/verdict/rules.hpp"

namespace raftkv::test {
namespace {

using protocol::Op;

void judge_presence(const KeyTimeline& key, const Operation& write, AnomalyKind kind, Instant epoch,
                    std::vector<Anomaly>& found) {
    if (key.can_be_present(write.start, write.end)) return;
    found.push_back({kind, fmt::format("{} met a value, although the key was certainly absent",
                                       describe(write, epoch))});
}

void judge_cas_success(const KeyTimeline& key, const Operation& cas, Instant epoch,
                       std::vector<Anomaly>& found) {
    const Operation* next = key.next_put_after(cas.expected);
    if (next != nullptr && next->version < cas.version) {
        found.push_back({AnomalyKind::impossible_success,
                         fmt::format("{} replaced version {}, although {} had already replaced it",
                                     describe(cas, epoch), cas.expected, describe(*next, epoch))});
        return;
    }
    const Operation* replaced = key.put_with(cas.expected);
    if (replaced == nullptr) return;
    if (key.delete_between(*replaced, cas.start) != nullptr ||
        key.expired_by(*replaced, cas.start)) {
        found.push_back({AnomalyKind::impossible_success,
                         fmt::format("{} replaced version {}, which was certainly gone",
                                     describe(cas, epoch), cas.expected)});
    }
}

void judge_cas_refusal(const KeyTimeline& key, const Operation& cas, Instant epoch,
                       std::vector<Anomaly>& found) {
    judge_presence(key, cas, AnomalyKind::impossible_refusal, epoch, found);
    const Operation* current = key.put_with(cas.expected);
    if (current == nullptr || current->end >= cas.start) return;
    if (key.can_be_replaced(cas.expected, cas.end)) return;
    found.push_back({AnomalyKind::impossible_refusal,
                     fmt::format("{} was refused, although its version {} was the newest",
                                 describe(cas, epoch), cas.expected)});
}

void judge_success(const KeyTimeline& key, const Operation& write, Instant epoch,
                   std::vector<Anomaly>& found) {
    switch (write.op) {
        case Op::set:
            judge_absence(key, write, AnomalyKind::impossible_success, epoch, found);
            break;
        case Op::cas:
            judge_cas_success(key, write, epoch, found);
            break;
        case Op::del:
            judge_presence(key, write, AnomalyKind::impossible_success, epoch, found);
            break;
        case Op::get:
        case Op::getm:
            break;
    }
}

void judge_conflict(const KeyTimeline& key, const Operation& write, Instant epoch,
                    std::vector<Anomaly>& found) {
    if (write.op == Op::cas) {
        judge_cas_refusal(key, write, epoch, found);
    } else {
        judge_presence(key, write, AnomalyKind::impossible_refusal, epoch, found);
    }
}

}  // namespace

void judge_writes(const KeyTimeline& key, Instant epoch, std::vector<Anomaly>& found) {
    for (const Operation* write : key.operations()) {
        if (write->reads()) continue;
        switch (write->outcome) {
            case Outcome::ok:
                judge_success(key, *write, epoch, found);
                break;
            case Outcome::conflict:
                judge_conflict(key, *write, epoch, found);
                break;
            case Outcome::absent:
                judge_absence(key, *write, AnomalyKind::lost_write, epoch, found);
                break;
            case Outcome::not_done:
            case Outcome::unknown:
                break;
        }
    }
}

}  // namespace raftkv::test
